import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { EXIT } from "../diagnostic.ts";
import { printDiagnostics } from "../diagnostic-print.ts";
import type { SweepOptions } from "../experiment/types.ts";
import { cacheFolder, runsFolder } from "../paths.ts";
import { printPlan } from "../plan/print.ts";
import { printProvenance } from "../plan/provenance.ts";
import { prepareLoaded, sharing } from "../prepare.ts";
import { featuresIn, type Known, knownIn } from "../sweep/expected.ts";
import { isSweep, sweepIdOf } from "../sweep/folder.ts";
import { sweepPlanJson } from "../sweep/plan-json.ts";
import { printSweepPlan, type SweepPlanInput } from "../sweep/plan-text.ts";
import { type PreparedSweep, prepareSweep } from "../sweep/prepare-sweep.ts";
import { hasResult } from "../sweep/results.ts";
import { localOf, workersOf } from "../sweep/workers.ts";
import { count } from "../text.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { planInput } from "./plan-input.ts";

/** `graft plan FILE` of a file with `sweep`: axes, trials, tasks, what the cache and earlier starts have already. */
export async function planSweep(
	file: string,
	options: Options,
	io: Io,
): Promise<number> {
	const cache = cacheFolder(options.cache);
	const look = { cacheFolder: cache, hash: true, missing: "warning" } as const;
	const runs = runsFolder(options.runs);
	const prepared = await prepareSweep(file, {
		...look,
		sets: options.sets,
		runs,
	});
	if (!prepared.ok)
		return sayDiagnostics(prepared.diagnostics, options.json, io);
	if (prepared.warnings.length > 0)
		io.stderr(printDiagnostics(prepared.warnings, io));
	const sweep = prepared.value;
	const input = sweepPlanInput(file, sweep, {
		known: knownIn(cache),
		runs,
		workers: await workersFor(sweep),
	});
	if (options.json) {
		io.stdout(`${JSON.stringify(sweepPlanJson(input), null, 2)}\n`);
		return EXIT.ok;
	}
	io.stdout(printSweepPlan(input));
	const layers = options.flags.has("layers");
	if (!layers && !options.flags.has("values")) return EXIT.ok;
	const base = await prepareLoaded(sweep.loaded, look, sharing());
	if (!base.ok) return sayDiagnostics(base.diagnostics, false, io);
	const { provenance } = base.value.plan;
	io.stdout(
		`\nthe file itself\n${layers ? printPlan(planInput(file, base.value, cache, true)) : ""}${options.flags.has("values") ? printProvenance(provenance, process.cwd()) : ""}`,
	);
	return EXIT.ok;
}

/** What the printer needs: the cache and the folder of earlier starts looked at. */
export function sweepPlanInput(
	file: string,
	sweep: PreparedSweep,
	{
		known,
		runs,
		workers,
	}: {
		readonly known: Known;
		readonly runs: string;
		readonly workers: SweepPlanInput["workers"];
	},
): SweepPlanInput {
	const { name } = sweep.loaded.experiment;
	const folder = join(runs, sweepIdOf(name, file));
	const exists = isSweep(folder);
	const byId = new Map(sweep.trials.map((each) => [each.trial.id, each]));
	const features = sweep.tasks.flatMap(({ id, kind, trials: [first = ""] }) => {
		const trial = byId.get(first);
		return kind !== "extraction" || trial === undefined
			? []
			: [[id, featuresIn(trial, known)] as const];
	});
	const done = exists
		? [...byId.keys()].filter((id) => hasResult(folder, id))
		: [];
	return {
		file,
		sweep,
		features: new Map(features),
		done: new Set(done),
		folder: exists ? relative(process.cwd(), folder) || "." : undefined,
		workers,
		measured: known.rates.measured,
	};
}

/** What the launcher would run at once. */
async function workersFor({
	loaded,
	tasks,
}: PreparedSweep): Promise<SweepPlanInput["workers"]> {
	const options = loaded.experiment.sweep as SweepOptions;
	if ("slurm" in options.launcher) {
		const { max_running } = options.launcher.slurm;
		const size = max_running ?? Math.max(1, tasks.length);
		return { size, name: `Slurm, ${count(size, "task")} at once` };
	}
	// execa is loaded for sweeps alone.
	const { findGpus } = await import("../sweep/gpus.ts");
	const gpus = await findGpus();
	const local = localOf(options);
	if (gpus.length > 0) {
		const size = gpus.length * local.trials_per_gpu;
		return { size, name: count(gpus.length, "GPU") };
	}
	const size = workersOf(local, tasks, availableParallelism());
	return { size, name: count(size, "process", "processes") };
}
