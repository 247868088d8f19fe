import { join } from "node:path";
import { fail, ok, type Result, RunError } from "./diagnostic.ts";
import { type PrepareOptions, prepare } from "./prepare.ts";
import { type RunOptions, runExperiment } from "./run.ts";
import { diffRuns, type RunDiff, type Side } from "./runs/diff/diff.ts";
import { readPredictions } from "./runs/predictions.ts";
import { readRun } from "./runs/record.ts";
import { refuseEdited, whatInstead } from "./trained.ts";

/**
 * A run made again from its own experiment.yaml, and how well the two agree:
 *
 *   run ─ its experiment.yaml ─ prepared as any file ─ run ─ weights and predictions side by side ─ verdict
 */
export interface Reproduced {
	readonly runId: string;
	readonly newRunId: string;
	/** The same bytes; the same numbers but for rounding; or others. */
	readonly verdict: "identical" | "within tolerance" | "different";
	/** Of any class of any valid photo that both have. */
	readonly largestDifference: number;
	/** Valid photos that get another class. */
	readonly changed: number;
	/** What is not as it was; a run that is the same in all of it should be identical. */
	readonly diff: RunDiff;
}

/** A probability may move by this much where the machine adds in another order. */
export const TOLERANCE = 1e-3;

/**
 * @throws RunError "run-not-finished"; what a run throws, among them the failure of the second one.
 */
export async function reproduceRun(
	folder: string,
	options: RunOptions,
	talk: Pick<PrepareOptions, "fetching">,
): Promise<Result<Reproduced>> {
	const record = readRun(folder);
	if (record.status !== "FINISHED" || record.kind === "sweep")
		throw new RunError(
			"run-not-finished",
			`run ${record.runId} is ${record.status}: there is nothing to compare with`,
			{ fix: whatInstead(record) },
		);
	const prepared = await prepare(join(folder, "experiment.yaml"), {
		...{ sets: [], cacheFolder: options.cacheFolder, hash: true },
		...{ missing: "error", pin: false, ...talk },
	});
	if (!prepared.ok) return fail(prepared.diagnostics);
	refuseEdited(record, prepared.value.loaded);
	const outcome = await runExperiment(prepared.value, options);
	if (outcome.error !== undefined) throw outcome.error;
	const [before, after] = [folder, outcome.folder].map(
		(each): Side => ({
			record: readRun(each),
			predictions: readPredictions(each),
		}),
	) as [Side, Side];
	return ok(
		{
			runId: record.runId,
			newRunId: outcome.runId,
			...compared(before, after),
			diff: diffRuns(before, after),
		},
		prepared.warnings,
	);
}

function compared(
	before: Side,
	after: Side,
): Pick<Reproduced, "verdict" | "largestDifference" | "changed"> {
	const others = new Map(after.predictions.map((one) => [one.path, one]));
	let largestDifference = 0;
	let changed = 0;
	let found = 0;
	for (const one of before.predictions) {
		const other = others.get(one.path);
		if (other === undefined) continue;
		found++;
		if (other.predicted !== one.predicted) changed++;
		one.probabilities.forEach((share, index) => {
			const by = Math.abs(share - (other.probabilities[index] ?? 0));
			largestDifference = Math.max(largestDifference, by);
		});
	}
	const isWhole =
		found === before.predictions.length && found === after.predictions.length;
	const heads = [before, after].map(
		({ record }) =>
			record.artifacts.findLast(({ path }) => path === "head.safetensors")
				?.sha256,
	);
	if (isWhole && largestDifference === 0 && heads[0] === heads[1])
		return { verdict: "identical", largestDifference, changed };
	const isClose = isWhole && largestDifference <= TOLERANCE;
	return {
		verdict: isClose ? "within tolerance" : "different",
		...{ largestDifference, changed },
	};
}
