import { EXIT } from "../diagnostic.ts";
import { progressLine } from "../features/progress.ts";
import { type FoundRates, findLearningRate } from "../find-lr.ts";
import { cacheFolder } from "../paths.ts";
import { count, printable } from "../text.ts";
import type { Options } from "./arguments.ts";
import type { Io } from "./io.ts";
import { lrChart } from "./lr-chart.ts";
import { noteSweep } from "./note-sweep.ts";
import { preparedOrExit } from "./prepared.ts";
import { decided } from "./strategy.ts";

/** `graft lr FILE`: a learning rate range test; it trains a copy and writes nothing but features into the cache. */
export async function lr(
	file: string,
	options: Options,
	io: Io,
): Promise<number> {
	const auto = await decided(file, options, io);
	if (typeof auto === "number") return auto;
	const prepared = await preparedOrExit(file, auto.options, io);
	if (typeof prepared === "number") return prepared;
	const { experiment } = prepared.loaded;
	noteSweep(experiment, io);
	const bar = progressLine("features", process.stderr);
	const found = await findLearningRate(prepared, {
		cacheFolder: cacheFolder(options.cache),
		signal: new AbortController().signal,
		onProgress: (progress) => bar.show(progress),
		onWarning: (code, message) =>
			io.stderr(`graft: warning ${code}: ${message}\n`),
	});
	bar.end();
	io.stdout(
		options.json
			? `${JSON.stringify(lrJson(found), null, 2)}\n`
			: lrText(found, experiment.train.learning_rate),
	);
	return EXIT.ok;
}

/** Keys in snake_case, as in every JSON of Graft. */
export function lrJson({ phase, points, ended, suggestions }: FoundRates) {
	return {
		phase: phase ?? null,
		ended,
		suggestions: suggestions ?? null,
		points: points.map(({ step, learningRate, loss, smooth }) => ({
			step,
			learning_rate: learningRate,
			loss,
			smooth_loss: smooth,
		})),
	};
}

/** The chart, the suggestions and how to take one. @param given what the file says now */
export function lrText(
	{ phase, points, ended, suggestions }: FoundRates,
	given: number,
): string {
	const lines: string[] = [];
	if (phase !== undefined)
		lines.push(`of the first phase, ${printable(phase)}`, "");
	const marks = suggestions && {
		v: suggestions.valley,
		s: suggestions.steepest,
	};
	lines.push(...lrChart(points, marks ?? {}), "");
	lines.push(
		`${count(points.length, "step")}, the rate growing by the same factor each${ended === "diverged" ? "; ended where the loss ran away" : ""}`,
	);
	if (suggestions === undefined)
		return `${[...lines, "no suggestion: the loss falls nowhere; look at the data, the loss and the start weights"].join("\n")}\n`;
	const { valley, steepest } = suggestions;
	lines.push(
		`valley    ${short(valley)}  (v) the middle of the longest fall: fastai's default`,
		`steepest  ${short(steepest)}  (s) where the loss falls fastest`,
		`the file  ${short(given)}`,
		"",
		phase === undefined
			? `--set train.learning_rate=${short(valley)}`
			: `learning_rate: ${short(valley)} in the phase ${printable(phase)}`,
	);
	return `${lines.join("\n")}\n`;
}

/** Two digits are all that such a test can tell. */
function short(rate: number): string {
	return String(Number(rate.toPrecision(2)));
}
