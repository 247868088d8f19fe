import type { CodeEntry } from "./entry.ts";

/** Failures of the Slurm launcher. */
export const slurmCodes: Readonly<Record<string, CodeEntry>> = {
	"no-slurm": {
		title: "Slurm's commands are not there.",
		explanation:
			"launcher: slurm calls sbatch, squeue and scancel on the machine where graft is started. sacct is not needed.",
		wrong: "sweep: { launcher: slurm }   # on a laptop",
		right: "sweep: { launcher: local }",
	},
	"sbatch-refused": {
		title: "Slurm does not take a job.",
		explanation:
			"The message holds sbatch's own words, the fix the key of launcher.slurm that they are about. The script that it refused is in the sweep's folder, slurm/scripts/. Jobs that it took before stay; graft run FILE submits the rest.",
		wrong: "slurm: { partition: gpus }",
		right: "slurm: { partition: gpu }   # sinfo -s lists them",
	},
	"slurm-unreachable": {
		title: "Slurm's controller does not answer.",
		explanation:
			"Jobs that run go on, and their results are kept. What was to be submitted may be there or not: graft sweep resume looks for the jobs by their names and submits what is missing.",
	},
	"no-collect-job": {
		title: "The small job that follows the arrays was refused.",
		explanation:
			"It submits lost tasks again when nobody watches. Without it graft sweep watch does that while it runs, and graft sweep resume when it is called.",
	},
};
