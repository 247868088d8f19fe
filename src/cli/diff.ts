import { EXIT } from "../diagnostic.ts";
import { runsFolder } from "../paths.ts";
import { diffRuns, type Side } from "../runs/diff/diff.ts";
import { diffText } from "../runs/diff/text.ts";
import { encodeJson } from "../runs/json.ts";
import { readPredictions } from "../runs/predictions.ts";
import { readRun } from "../runs/record.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { findOneRun } from "./one-run.ts";

/** `graft diff A B`: everything in which two runs differ, and the photos that changed sides. */
export function diff(
	[first = "", second = ""]: readonly string[],
	options: Options,
	io: Io,
): number {
	const runs = runsFolder(options.runs);
	const sides: Side[] = [];
	for (const word of [first, second]) {
		const found = findOneRun(runs, word, "graft diff");
		if (!found.ok) return sayDiagnostics(found.diagnostics, options.json, io);
		const record = readRun(found.value);
		sides.push({ record, predictions: readPredictions(found.value) });
	}
	const [a, b] = sides as [Side, Side];
	const found = diffRuns(a, b);
	io.stdout(options.json ? `${encodeJson(found, 2)}\n` : diffText(found, io));
	return EXIT.ok;
}
