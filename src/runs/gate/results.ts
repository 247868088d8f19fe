import { RunError } from "../../diagnostic.ts";
import { classesOf, classText, isRight } from "../labels.ts";
import { readPredictions } from "../predictions.ts";
import type { Prediction, RunRecord } from "../types.ts";
import type { GateResults } from "./types.ts";

/**
 * Runs of one experiment that differ in their seed, side by side.
 * @throws RunError "gate-run" where a run did not finish, or where the runs do not have the same photos.
 */
export function gateResults(records: readonly RunRecord[]): GateResults {
	const first = records[0];
	if (first === undefined) throw new Error("internal: a gate needs a run");
	const all = records.map(predictionsOf);
	const classNames = first.data?.classNames ?? [];
	const photos = (all[0] as readonly Prediction[]).map((photo, row) => {
		const same = all.map((predictions) => predictions[row]);
		if (same.some((other) => other?.sha256 !== photo.sha256))
			throw failed(
				`run ${first.runId} and another have different valid photos`,
			);
		return {
			id: photo.sha256.slice(0, 16),
			path: photo.path,
			label: classText(classesOf(photo), classNames),
			// Of several labels a photo is right where each is.
			right: same.map((one) => (one && isRight(one) ? "1" : "0")).join(""),
		};
	});
	return {
		classNames,
		dataFingerprint: first.environment?.dataFingerprint ?? "",
		weightsSha256: first.environment?.weightsSha256 ?? "",
		seeds: records.map(({ experiment, fingerprint, finalMetrics }) => ({
			seed: experiment.seed,
			fingerprint,
			metrics: comparable(finalMetrics),
		})),
		photos,
	};
}

/** What says how good a run is; how busy the machine was does not. */
function comparable(
	metrics: Readonly<Record<string, number>>,
): Record<string, number> {
	return Object.fromEntries(
		Object.entries(metrics).filter(
			([key]) => key.startsWith("valid/") || key.startsWith("train/"),
		),
	);
}

function predictionsOf(record: RunRecord): readonly Prediction[] {
	if (record.status !== "FINISHED")
		throw failed(`run ${record.runId} is ${record.status}, not FINISHED`);
	const predictions = readPredictions(record.folder);
	if (predictions.length === 0)
		throw failed(`run ${record.runId} has no predictions`);
	return predictions;
}

function failed(message: string): RunError {
	return new RunError("gate-run", message, {
		fix: "run the experiment again, or gate its file: graft gate FILE",
	});
}
