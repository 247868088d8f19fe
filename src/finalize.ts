import { type AskOptions, ask, askViews } from "./ask.ts";
import type { CorruptPhoto } from "./data/types.ts";
import { ok, type Result, RunError } from "./diagnostic.ts";
import { samplesOf } from "./features/rows.ts";
import { writeArtifact } from "./runs/artifact.ts";
import type { MultiLabelEvaluation } from "./runs/evaluation/multi-label.ts";
import {
	evaluationOf,
	multiLabelOf,
	predictionMetrics,
} from "./runs/evaluation/of-predictions.ts";
import type { Evaluation } from "./runs/evaluation/types.ts";
import { openJournal } from "./runs/journal.ts";
import { addLook, type Look, photosKey, readLooks } from "./runs/looks.ts";
import { predictionLines } from "./runs/predictions.ts";
import type { Metric, Prediction } from "./runs/types.ts";
import { openTrained } from "./trained.ts";

/**
 * The test split, opened: until then nothing of Graft computes a number from it.
 *
 *   run ─ put together again ─ test photos ─ predictions ─ the look is counted ─ metrics into the run's journal
 */
export interface Finalized {
	readonly runId: string;
	readonly evaluation: Evaluation | MultiLabelEvaluation;
	/** Test photos that cannot be decoded, left out. */
	readonly corrupt: readonly CorruptPhoto[];
	/** Looks at these test photos so far, this one included, oldest first. */
	readonly looks: readonly Look[];
}

/** The file of the test photos' predictions in the run's folder. */
const TEST_PREDICTIONS = "predictions-test.jsonl";

/** @throws RunError "no-test-split"; what openTrained, the extraction and the journal throw. */
export async function finalizeRun(
	folder: string,
	runsFolder: string,
	options: AskOptions,
): Promise<Result<Finalized>> {
	const opened = await openTrained(folder, options);
	if (!opened.ok) return opened;
	const trained = opened.value;
	const { record, dataset } = trained;
	const wanted = samplesOf(dataset, "test");
	if (wanted.length === 0)
		throw new RunError(
			"no-test-split",
			`run ${record.runId} has no test photos`,
			{
				fix: "name them in the file (data.test: test, or data.split: { valid: 0.2, test: 0.1 }) and run it again",
			},
		);
	const said =
		(await askViews(trained, wanted, options)) ??
		(await ask(trained, wanted, trained.prepared.plan.eval, options));
	const { samples, corrupt } = said;
	if (samples.length === 0)
		throw new RunError(
			"no-test-split",
			`none of the ${wanted.length} test photos of run ${record.runId} can be decoded: ${corrupt[0]?.path}: ${corrupt[0]?.reason}`,
			{ fix: `replace them in ${dataset.root}, and run the experiment again` },
		);
	const { classNames } = dataset;
	const k = classNames.length;
	const predictions = samples.map(
		({ path, sha256, label, labels }, row): Prediction => ({
			...{ path, sha256, label },
			...(labels && { labels }),
			predicted: said.validPredicted[row] as number,
			probabilities: [
				...said.validProbabilities.subarray(row * k, (row + 1) * k),
			],
			loss: said.validLosses[row] as number,
		}),
	);
	const evaluation =
		evaluationOf(predictions, classNames) ??
		multiLabelOf(predictions, classNames);
	if (evaluation === undefined)
		throw new Error("internal: test photos without probabilities");
	const photos = photosKey(wanted);
	addLook(runsFolder, {
		time: new Date().toISOString(),
		runId: record.runId,
		photos,
		accuracy: evaluation.accuracy,
	});
	const journal = openJournal(folder);
	try {
		writeArtifact(
			folder,
			journal,
			TEST_PREDICTIONS,
			predictionLines(predictions),
		);
		const last = record.epochs.at(-1);
		const step = record.metrics.at(-1)?.step ?? 0;
		journal.append({
			type: "metrics",
			epoch: last?.epoch ?? 0,
			metrics: testMetrics(predictions, classNames, evaluation, step),
		});
	} finally {
		journal.close();
	}
	const looks = readLooks(runsFolder).filter((look) => look.photos === photos);
	return ok(
		{ runId: record.runId, evaluation, corrupt, looks },
		opened.warnings,
	);
}

function testMetrics(
	predictions: readonly Prediction[],
	classNames: readonly string[],
	evaluation: Finalized["evaluation"],
	step: number,
): readonly Metric[] {
	const at = { step, timestamp: Date.now() };
	return [
		{ key: "test/accuracy", value: evaluation.accuracy, ...at },
		{ key: "test/loss", value: evaluation.logLoss, ...at },
		...predictionMetrics(predictions, classNames, at, "test"),
	];
}
