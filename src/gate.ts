import { type Diagnostic, fail, ok, type Result } from "./diagnostic.ts";
import { nearest } from "./experiment/suggest.ts";
import type { Experiment, GateOptions } from "./experiment/types.ts";
import type { FetchTalk } from "./model/types.ts";
import { placed } from "./plan/place.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { type RunOptions, type RunOutcome, runExperiment } from "./run.ts";
import { gateResults } from "./runs/gate/results.ts";
import type { GateResults } from "./runs/gate/types.ts";
import { readRun } from "./runs/record.ts";

/**
 * One experiment with several seeds, for the gate.
 *
 *   file ─ prepare, seed by seed ─ run each ─ results by photo
 *
 * The photos pass the frozen layers once: every seed but the first finds its features in the cache.
 */
export interface SeedRuns {
	readonly results: GateResults;
	readonly runs: readonly RunOutcome[];
}

/** How seeds are prepared and run. */
export interface GateRunOptions extends Omit<RunOptions, "startedAt"> {
	readonly onSeed: (seed: number, place: number, of: number) => void;
}

/** How a file is prepared with its seeds. */
export interface SeedOptions {
	readonly sets: readonly string[];
	readonly cacheFolder: string;
	/** Who is told while weights are fetched. */
	readonly fetching?: FetchTalk;
}

/** The same file with each seed, every mistake found before the first is run. */
export async function prepareSeeds(
	file: string,
	options: SeedOptions,
): Promise<Result<readonly Prepared[]>> {
	const first = await prepareSeed(file, options, options.sets);
	if (!first.ok) return first;
	const { experiment } = first.value.loaded;
	const problems = unknownClasses(first.value);
	if (problems.length > 0) return fail([...first.warnings, ...problems]);
	const prepared = [first.value];
	for (let place = 1; place < seedCount(experiment); place++) {
		const sets = [...options.sets, `seed=${experiment.seed + place}`];
		const next = await prepareSeed(file, options, sets);
		if (!next.ok) return next;
		prepared.push(next.value);
	}
	return ok(prepared, first.warnings);
}

function prepareSeed(
	file: string,
	options: SeedOptions,
	sets: readonly string[],
) {
	return prepare(file, { ...options, sets, hash: true, missing: "error" });
}

/** A run that does not finish ends the series. */
export async function runSeeds(
	prepared: readonly Prepared[],
	options: GateRunOptions,
): Promise<
	| { readonly done: SeedRuns; readonly failed: undefined }
	| { readonly done: undefined; readonly failed: RunOutcome }
> {
	const runs: RunOutcome[] = [];
	for (const [place, one] of prepared.entries()) {
		options.onSeed(one.loaded.experiment.seed, place + 1, prepared.length);
		const startedAt = place === 0 ? 0 : performance.now();
		const outcome = await runExperiment(one, { ...options, startedAt });
		if (outcome.status !== "FINISHED")
			return { done: undefined, failed: outcome };
		runs.push(outcome);
	}
	const results = gateResults(runs.map(({ folder }) => readRun(folder)));
	return { done: { results, runs }, failed: undefined };
}

/** The `gate` section, or what holds where the file has none. */
export function gateOptions(
	{ gate }: Experiment,
	defaultBaseline: string,
): GateOptions {
	return (
		gate ?? {
			baseline: defaultBaseline,
			seeds: SEEDS,
			allowed_drop: 0,
			significance: 0.01,
		}
	);
}

/** The schema's default of `gate.seeds`. */
const SEEDS = 3;

function seedCount({ gate }: Experiment): number {
	return gate?.seeds ?? SEEDS;
}

function unknownClasses({ loaded, data }: Prepared): readonly Diagnostic[] {
	const floor = loaded.experiment.gate?.class_floor;
	const classes = data?.classNames ?? [];
	const named = typeof floor === "object" ? Object.keys(floor) : [];
	return named
		.filter((name) => !classes.includes(name))
		.map((name) => {
			const near = nearest(name, classes);
			return placed(loaded, ["gate", "class_floor", name], {
				severity: "error",
				code: "unknown-class",
				message: `"${name}" is no class of the photos`,
				reason: `the classes are ${classes.slice(0, 20).join(", ")}${classes.length > 20 ? " …" : ""}`,
				...(near === undefined
					? {}
					: { fix: `did you mean "${near}"?`, suggestion: near }),
			});
		});
}
