import {
	type Cell,
	type Column,
	type TableOptions,
	textTable,
} from "../../runs/text-table.ts";
import { paint } from "../../text.ts";
import type { Comparison, Effect, Point } from "./types.ts";
import { intervalText, pairText, scoreText, valueText } from "./words.ts";

/** A comparison for the terminal. */

/** Rows of points; of more the best are shown. */
const MOST_POINTS = 20;

/** Ranked points, effects of axes, levels against each other. */
export function comparisonText(
	comparison: Comparison,
	options: TableOptions,
): string {
	const { finished, trials, failed, objective, sweepId } = comparison;
	const more = objective.mode === "max" ? "more" : "less";
	const head = `${paint(sweepId, "bold", options.color)}  ${finished} of ${trials} trials finished${failed > 0 ? `, ${failed} failed` : ""}; ${objective.metric}, ${more} is better\n`;
	const effects = effectsText(comparison.effects, options);
	const pairs = comparison.effects
		.flatMap(pairLines)
		.map((line) => `  ${line}\n`)
		.join("");
	const blocks = [
		head,
		pointsText(comparison, options),
		effects === "" ? "" : `${title("axes", options)}\n${effects}`,
		pairs === "" ? "" : `${title("levels, all else equal", options)}\n${pairs}`,
	];
	return blocks.filter((block) => block !== "").join("\n");
}

function title(text: string, { color }: TableOptions): string {
	return paint(text, "bold", color);
}

function pointsText(
	{ points, axes, objective }: Comparison,
	options: TableOptions,
): string {
	const hasSeeds = points.some(({ scores }) => scores.length > 1);
	const columns: Column[] = [
		{ title: "rank", align: "right" },
		{ title: objective.metric, align: "right" },
		{ title: "95 %", dropOrder: 1 },
		...(hasSeeds
			? [{ title: "seeds", align: "right" as const, dropOrder: 2 }]
			: []),
		...axes.map((axis) => ({ title: axis })),
		{ title: "best run", dropOrder: 3 },
	];
	const rows = points
		.slice(0, MOST_POINTS)
		.map((point): readonly Cell[] => [
			{ text: point.rank === undefined ? "" : String(point.rank) },
			{ text: stateText(point) },
			{ text: intervalText(point.interval) },
			...(hasSeeds ? [{ text: String(point.scores.length) }] : []),
			...axes.map((axis) => ({ text: valueText(point.values[axis]) })),
			{ text: point.bestRun ?? "" },
		]);
	const rest =
		points.length > MOST_POINTS
			? `the best ${MOST_POINTS} of ${points.length}; the page and --format json have all\n`
			: "";
	return textTable(columns, rows, options) + rest;
}

function stateText({ mean, failed, pruned, scores }: Point): string {
	if (mean === undefined) return failed > 0 ? "failed" : "–";
	return scoreText(mean) + (pruned === scores.length && pruned > 0 ? "*" : "");
}

function effectsText(
	effects: readonly Effect[],
	options: TableOptions,
): string {
	if (effects.length === 0) return "";
	const columns: Column[] = [
		{ title: "axis" },
		{ title: "explains", align: "right" },
		{ title: "trend", align: "right" },
		{ title: "means of its values" },
	];
	const rows = effects.map((effect) => [
		{ text: effect.axis },
		{
			text:
				effect.explains === undefined
					? ""
					: `${(100 * effect.explains).toFixed(0)} %`,
		},
		{ text: effect.correlation?.toFixed(2) ?? "" },
		{
			text: effect.isContinuous
				? "(drawn)"
				: effect.levels
						.map(({ value, mean }) => `${valueText(value)} ${scoreText(mean)}`)
						.join("   "),
		},
	]);
	return textTable(columns, rows, { ...options, indent: "  " });
}

/** Few levels: each; many: the best against the runner-up and the worst. */
function pairLines({ axis, pairs }: Effect): readonly string[] {
	const shown =
		pairs.length <= 4
			? pairs
			: [...pairs]
					.sort((a, b) => Math.abs(a.difference) - Math.abs(b.difference))
					.slice(0, 4);
	return shown.map(
		(pair) =>
			`${axis}: ${valueText(pair.better)} against ${valueText(pair.other)}  ${pairText(pair)}`,
	);
}
