import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../diagnostic.ts";
import { writeArtifact } from "./artifact.ts";
import type { Journal } from "./journal.ts";
import { decodeNumber, encodeJson } from "./json.ts";
import type { Prediction } from "./types.ts";

/** What the trained head says of each valid photo: `predictions.jsonl`, one photo a line, dataset order. */

/** Its name in the run's folder. */
export const PREDICTIONS_FILE = "predictions.jsonl";

/**
 * Writes the file whole or not at all and journals it.
 * @throws RunError "artifact-write"
 */
export function writePredictions(
	folder: string,
	journal: Journal,
	predictions: readonly Prediction[],
	durable = true,
): string {
	const text = predictionLines(predictions);
	return writeArtifact(
		folder,
		journal,
		PREDICTIONS_FILE,
		text,
		undefined,
		durable,
	);
}

/** The file's text: a prediction a line. */
export function predictionLines(predictions: readonly Prediction[]): string {
	const lines = predictions.map((prediction) => {
		const probabilities = prediction.probabilities.map(nineDigits);
		return `${encodeJson({ ...prediction, probabilities })}\n`;
	});
	return lines.join("");
}

/** Nine significant digits name every float32 exactly (IEEE 754), in half the bytes of a double's digits. */
function nineDigits(probability: number): number {
	return Number(probability.toPrecision(9));
}

/**
 * Reads a run's predictions; none where the run ended before they were written.
 * @throws RunError "predictions-damaged" naming the line.
 */
export function readPredictions(folder: string): Prediction[] {
	const path = join(folder, PREDICTIONS_FILE);
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
		throw damaged(path, (error as Error).message, error);
	}
	const lines = text.split("\n").filter((line) => line !== "");
	return lines.map((line, index) => parsePrediction(line, index + 1, path));
}

function parsePrediction(line: string, number: number, path: string) {
	let value: Prediction;
	try {
		value = JSON.parse(line) as Prediction;
	} catch (error) {
		throw damaged(path, `line ${number} is no JSON`, error);
	}
	const loss = decodeNumber(value?.loss);
	const isWhole =
		loss !== undefined &&
		typeof value.path === "string" &&
		Number.isInteger(value.label) &&
		Number.isInteger(value.predicted) &&
		(value.labels === undefined ||
			(Array.isArray(value.labels) && value.labels.every(Number.isInteger))) &&
		Array.isArray(value.probabilities);
	if (!isWhole) throw damaged(path, `line ${number} is no prediction`);
	const probabilities = value.probabilities.map(
		(probability) => decodeNumber(probability) ?? Number.NaN,
	);
	return { ...value, loss, probabilities };
}

function damaged(path: string, reason: string, cause?: unknown): RunError {
	return new RunError("predictions-damaged", `cannot read ${path}: ${reason}`, {
		fix: "run the experiment again: its features come from the cache",
		cause,
	});
}
