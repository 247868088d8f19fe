import { type Crossval, crossvalidate } from "../crossval.ts";
import { EXIT } from "../diagnostic.ts";
import { progressLine } from "../features/progress.ts";
import { cacheFolder } from "../paths.ts";
import {
	classesText,
	confusionsText,
	evaluationEntries,
} from "../runs/evaluation/text.ts";
import { encodeJson } from "../runs/json.ts";
import { evaluationJson } from "../runs/record-json.ts";
import { count, printable } from "../text.ts";
import type { Options } from "./arguments.ts";
import type { Io } from "./io.ts";
import { noteSweep } from "./note-sweep.ts";
import { wholeNumber } from "./numbers.ts";
import { preparedOrExit } from "./prepared.ts";
import { decided } from "./strategy.ts";

/** Photos that are often wrong, listed. */
const LISTED = 10;

/**
 * `graft crossval FILE`: k-fold cross-validation from cached features. It writes whole rows into the cache and nothing
 * else, so a signal simply ends it: at once, even while a fit keeps this thread busy.
 */
export async function crossval(
	file: string,
	options: Options,
	io: Io,
): Promise<number> {
	const folds = wholeNumber("--folds", options.folds ?? "5", 2);
	const repeats = wholeNumber("--repeats", options.repeats ?? "1", 1, 1000);
	const auto = await decided(file, options, io);
	if (typeof auto === "number") return auto;
	const prepared = await preparedOrExit(file, auto.options, io);
	if (typeof prepared === "number") return prepared;
	noteSweep(prepared.loaded.experiment, io);
	const bar = progressLine("features", process.stderr);
	let done = 0;
	const found = await crossvalidate(prepared, {
		...{ folds, repeats, cacheFolder: cacheFolder(options.cache) },
		signal: new AbortController().signal,
		onProgress: (progress) => bar.show(progress),
		onFold: ({ repeat, fold }, accuracy, all) => {
			if (done === 0) bar.end();
			done++;
			io.stderr(
				`fold ${fold} of repeat ${repeat}  accuracy ${accuracy.toFixed(4)}  ${done}/${all}\n`,
			);
		},
		onWarning: (code, message) =>
			io.stderr(`graft: warning ${code}: ${message}\n`),
	});
	io.stdout(options.json ? json(found) : text(found, io));
	return EXIT.ok;
}

function text(found: Crossval, io: Io): string {
	const { accuracy, evaluation, wrong, photos, folds, repeats } = found;
	const { mean, low, high, spread } = accuracy;
	const interval =
		low === undefined || high === undefined
			? ""
			: `, 95 % interval ${percent(low)} … ${percent(high)}`;
	const entries = [
		[
			"accuracy",
			`${percent(mean)}${interval}, spread of the folds ${percent(spread)}`,
		],
		...(evaluation ? evaluationEntries(evaluation) : []),
	];
	const often = wrong
		.slice(0, LISTED)
		.map(
			({ path, label, taken, times }) =>
				`  ${printable(`${path}: ${label} taken for ${taken}`)}${repeats > 1 ? `, in ${times} of ${repeats} repeats` : ""}\n`,
		);
	const rest =
		wrong.length > LISTED
			? `  and ${wrong.length - LISTED} more; --format json has all\n`
			: "";
	return [
		`${folds} folds, ${count(repeats, "repeat")}, ${count(photos, "photo")} (train and valid together)\n`,
		...entries.map(([name = "", words]) => `  ${name.padEnd(18)} ${words}\n`),
		...(evaluation
			? ["\n", classesText(evaluation, io), confusionsText(evaluation)]
			: []),
		...(often.length > 0 ? ["\noften wrong\n", ...often, rest] : []),
	].join("");
}

function json({ evaluation, accuracy, ...found }: Crossval): string {
	const value = {
		...found,
		accuracy: {
			mean: accuracy.mean,
			spread: accuracy.spread,
			low: accuracy.low ?? null,
			high: accuracy.high ?? null,
		},
		evaluation: evaluation ? evaluationJson(evaluation) : null,
	};
	return `${encodeJson(value, 2)}\n`;
}

function percent(share: number): string {
	return `${(100 * share).toFixed(2)} %`;
}
