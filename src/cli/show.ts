import { EXIT } from "../diagnostic.ts";
import {
	evaluationOf,
	multiLabelOf,
} from "../runs/evaluation/of-predictions.ts";
import { findRun } from "../runs/find-run.ts";
import { encodeJson } from "../runs/json.ts";
import { readPredictions } from "../runs/predictions.ts";
import { readRun } from "../runs/record.ts";
import { recordJson } from "../runs/record-json.ts";
import { showText } from "../runs/show-text.ts";
import { isSweep } from "../sweep/folder.ts";
import { readStatus } from "../sweep/status.ts";
import { sweepJson } from "../sweep/status-json.ts";
import { statusText } from "../sweep/status-text.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";

/** What `graft show` was asked. */
export interface ShowArguments {
	/** An id, the beginning of one, `latest`, or a run's folder. */
	readonly run: string;
	/** The runs folder, absolute. */
	readonly runs: string;
	readonly format: "text" | "json";
}

/**
 * Prints everything about one run on stdout; of a sweep, how it stands.
 * @throws RunError "no-start" when its journal tells nothing, "predictions-damaged"
 */
export async function show(args: ShowArguments, io: Io): Promise<number> {
	const found = findRun(args.runs, args.run);
	if (!found.ok)
		return sayDiagnostics(found.diagnostics, args.format === "json", io);
	if (isSweep(found.value)) {
		const sweep = readStatus(found.value);
		io.stdout(
			args.format === "json"
				? `${encodeJson(sweepJson(sweep), 2)}\n`
				: statusText(sweep, io),
		);
		return EXIT.ok;
	}
	const record = readRun(found.value);
	const predictions = readPredictions(record.folder);
	const classNames = record.data?.classNames ?? [];
	if (args.format === "json") {
		const evaluation =
			evaluationOf(predictions, classNames) ??
			multiLabelOf(predictions, classNames);
		io.stdout(`${encodeJson(recordJson(record, evaluation), 2)}\n`);
	} else io.stdout(showText(record, predictions, io));
	return EXIT.ok;
}
