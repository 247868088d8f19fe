/** What sbatch says when it does not take a job, and which key of the file made it say so. */

/** The controller is away, or its answer did not come: the job may be there or not. */
export function isUnreachable(words: string): boolean {
	return /unable to contact slurm controller|socket timed out|connection (refused|timed out|reset)|zero bytes were transmitted|communication (connection )?failure|controller.*(not responding|is down)|munge|authentication/i.test(
		words,
	);
}

/** sbatch's words → key of launcher.slurm; the first that fits. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
	[/partition/i, "partition"],
	[/account/i, "account"],
	[/qos/i, "qos"],
	[/gres|generic resource|gpu/i, "gres"],
	[/time limit|time specification|--time/i, "time"],
	[/feature|constraint/i, "constraint"],
	[/memory|--mem/i, "mem"],
	[/cpu count|cpus-per-task|more processors/i, "cpus_per_task"],
	[/unrecognized option|invalid option|unknown option/i, "sbatch"],
];

/** The code and the fix of a refusal. */
export function explainRefusal(words: string): {
	readonly code: string;
	readonly fix: string;
} {
	const key = CAUSES.find(([pattern]) => pattern.test(words))?.[1];
	if (key !== undefined)
		return {
			code: "sbatch-refused",
			fix: `change sweep.launcher.slurm.${key}`,
		};
	if (/node configuration is not available/i.test(words))
		return {
			code: "sbatch-refused",
			fix: "no node has all that is asked for: change sweep.launcher.slurm.gres, cpus_per_task, mem or constraint (sinfo -N -o '%N %c %m %G %f' shows what there is)",
		};
	if (/array/i.test(words))
		return {
			code: "sbatch-refused",
			fix: "the cluster takes shorter arrays only (scontrol show config | grep MaxArraySize): start fewer trials at once",
		};
	return {
		code: "sbatch-refused",
		fix: "change sweep.launcher.slurm; the script is in the sweep's folder, slurm/scripts/",
	};
}
