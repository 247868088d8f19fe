import { EXIT } from "../diagnostic.ts";
import { printDiagnostics } from "../diagnostic-print.ts";
import { finalizeRun } from "../finalize.ts";
import { runsFolder } from "../paths.ts";
import {
	labelsText,
	multiLabelEntries,
} from "../runs/evaluation/multi-label-text.ts";
import {
	classesText,
	confusionsText,
	evaluationEntries,
} from "../runs/evaluation/text.ts";
import { encodeJson } from "../runs/json.ts";
import { evaluationJson } from "../runs/record-json.ts";
import { printable } from "../text.ts";
import type { Options } from "./arguments.ts";
import { asking } from "./asking.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { findOneRun } from "./one-run.ts";

/** `graft finalize RUN`: the accuracy on the test photos, and how often they have been looked at. */
export async function finalize(
	word: string,
	options: Options,
	io: Io,
): Promise<number> {
	const runs = runsFolder(options.runs);
	const found = findOneRun(runs, word, "graft finalize");
	if (!found.ok) return sayDiagnostics(found.diagnostics, options.json, io);
	const { ask, end } = asking("features", options, io);
	const result = await finalizeRun(found.value, runs, ask);
	end();
	if (!result.ok) return sayDiagnostics(result.diagnostics, options.json, io);
	io.stderr(printDiagnostics(result.warnings, io));
	const { runId, evaluation, corrupt, looks } = result.value;
	for (const { path, reason } of corrupt)
		io.stderr(`left out  ${printable(path)}: ${printable(reason)}\n`);
	if (options.json) {
		io.stdout(
			`${encodeJson({ run_id: runId, test: evaluationJson(evaluation), corrupt, looks: looks.length, looked_at: looks }, 2)}\n`,
		);
		return EXIT.ok;
	}
	const several = "hammingLoss" in evaluation ? evaluation : undefined;
	const one = "hammingLoss" in evaluation ? undefined : evaluation;
	const [low, high] = one?.accuracyInterval ?? [0, 1];
	const entries = [
		[
			"test accuracy",
			one
				? `${percent(one.accuracy)} of ${one.photos} photos, 95 % interval ${percent(low)} … ${percent(high)}`
				: `${percent(evaluation.accuracy)} of all labels of ${evaluation.photos} photos`,
		],
		...(several ? multiLabelEntries(several) : []),
		...(one ? evaluationEntries(one) : []),
		["looks", looksText(looks.length)],
	];
	io.stdout(
		`${runId}\n${entries.map(([name = "", text]) => `  ${name.padEnd(18)} ${text}\n`).join("")}\n`,
	);
	if (several) io.stdout(labelsText(several, io));
	if (one) io.stdout(classesText(one, io) + confusionsText(one));
	return EXIT.ok;
}

function looksText(looks: number): string {
	return looks === 1
		? "the first look at these photos"
		: `look ${looks} at these photos: a number chosen after several looks is too good`;
}

function percent(share: number): string {
	return `${(100 * share).toFixed(2)} %`;
}
