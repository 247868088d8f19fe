import { EXIT } from "../diagnostic.ts";
import { printDiagnostics } from "../diagnostic-print.ts";
import { progressLine } from "../features/progress.ts";
import { cacheFolder, runsFolder } from "../paths.ts";
import { type Reproduced, reproduceRun, TOLERANCE } from "../reproduce.ts";
import type { RunListener } from "../run.ts";
import type { Difference } from "../runs/diff/diff.ts";
import { diffText } from "../runs/diff/text.ts";
import { encodeJson } from "../runs/json.ts";
import { count } from "../text.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { findOneRun } from "./one-run.ts";

/** `graft reproduce RUN`: the run once more, and whether it came to the same. */
export async function reproduce(
	word: string,
	options: Options,
	io: Io,
): Promise<number> {
	const runs = runsFolder(options.runs);
	const found = findOneRun(runs, word, "graft reproduce");
	if (!found.ok) return sayDiagnostics(found.diagnostics, options.json, io);
	const result = await reproduceRun(
		found.value,
		{
			...{ runsFolder: runs, cacheFolder: cacheFolder(options.cache) },
			argv: process.argv.slice(2),
			startedAt: 0,
			signal: new AbortController().signal,
			listener: listener(io),
		},
		{},
	);
	if (!result.ok) return sayDiagnostics(result.diagnostics, options.json, io);
	io.stderr(printDiagnostics(result.warnings, io));
	const { value } = result;
	io.stdout(
		options.json
			? `${encodeJson(
					{
						...{ run_id: value.runId, new_run_id: value.newRunId },
						verdict: value.verdict,
						largest_difference: value.largestDifference,
						photos_changed: value.changed,
						diff: value.diff,
					},
					2,
				)}\n`
			: textOf(value, io),
	);
	return value.verdict === "different" ? EXIT.runFailed : EXIT.ok;
}

function textOf(value: Reproduced, io: Io): string {
	const { runId, newRunId, verdict, largestDifference, changed, diff } = value;
	const verdicts = {
		identical: "bit for bit the same: weights and predictions",
		"within tolerance": `the same but for rounding: no probability differs by more than ${largestDifference.toExponential(1)} (${TOLERANCE} allowed)`,
		different: `not reproduced: probabilities differ by up to ${largestDifference.toFixed(4)}, ${count(changed, "photo")} of the valid photos changed`,
	};
	const others = causes(value);
	const why =
		others.length > 0
			? `not as it was: ${others.map(({ key }) => key).join(", ")}`
			: "photos, weights, experiment and environment are as they were";
	const details = verdict === "identical" ? "" : `\n${diffText(diff, io)}`;
	return `${runId} → ${newRunId}: ${verdicts[verdict]}\n${why}\n${details}`;
}

/** What may be why. */
function causes({ diff }: Reproduced): readonly Difference<unknown>[] {
	return [...diff.config, ...diff.data, ...diff.environment].filter(
		({ key }) => key !== "git",
	);
}

function listener(io: Io): RunListener {
	const bar = progressLine("features", process.stderr);
	return {
		onStart: (runId) => io.stderr(`run ${runId}\n`),
		onFeatures: (progress) => bar.show(progress),
		onRows: () => bar.end(),
		onEpoch: ({ epoch, validLoss, validAccuracy }, epochs) =>
			io.stderr(
				`epoch ${epoch}/${epochs}  valid loss ${validLoss.toFixed(4)}  accuracy ${validAccuracy.toFixed(3)}\n`,
			),
		onWarning: (code, message) =>
			io.stderr(`graft: warning ${code}: ${message}\n`),
	};
}
