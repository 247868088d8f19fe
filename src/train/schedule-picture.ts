import type { TrainOptions } from "../experiment/types.ts";
import { learningRate, warmupOf } from "./schedule.ts";

/**
 * The learning rate over the steps, drawn from zero, with its value where the schedule turns. Pure.
 *
 *   0.003 ┤  ▂██▆▄
 *         │ ▂█████▆▃
 *         │▁████████▇▄▁
 *       0 └┬─┬─────────┬
 *   epoch  1 2        10
 *    rate  …
 */
export function schedulePicture(
	train: TrainOptions,
	stepsPerEpoch: number,
): readonly string[] {
	const rates = ratesOf(train, stepsPerEpoch);
	const peak = rates.reduce((a, b) => Math.max(a, b), 0);
	const columns = Array.from(
		{ length: WIDTH },
		(_, column) =>
			rates[Math.floor(((column + 0.5) * rates.length) / WIDTH)] ?? 0,
	);
	const levels = columns.map((rate) =>
		rate === 0 ? 0 : Math.max(1, Math.round((rate / peak) * HEIGHT * 8)),
	);
	const margin = Math.max("epoch".length, short(peak).length);
	const rows = Array.from({ length: HEIGHT }, (_, row) => {
		const below = (HEIGHT - 1 - row) * 8;
		const bars = levels.map(
			(level) => BARS[Math.min(8, Math.max(0, level - below))],
		);
		const axis = row === 0 ? `${short(peak)} ┤` : "│";
		return `${axis.padStart(margin + 2)}${bars.join("").trimEnd()}`;
	});
	const marks = placed(marksOf(train, stepsPerEpoch, rates));
	const ticks = Array.from({ length: WIDTH }, (_, column) =>
		marks.some((mark) => mark.column === column) ? "┬" : "─",
	);
	return [
		...rows,
		`${"0 └".padStart(margin + 2)}${ticks.join("")}`,
		`${"epoch".padStart(margin)}  ${labels(marks, ({ epoch }) => String(epoch))}`,
		`${"rate".padStart(margin)}  ${labels(marks, ({ rate }) => short(rate))}`,
	];
}

/** Columns of the picture, and its rows of eight levels each. */
const WIDTH = 56;
const HEIGHT = 4;
/** Columns that words may stand away from their tick. */
const FARTHEST = 8;
const BARS = [..." ▁▂▃▄▅▆▇█"];

/** Of each step. */
export function ratesOf(
	train: TrainOptions,
	stepsPerEpoch: number,
): readonly number[] {
	return Array.from({ length: train.epochs * stepsPerEpoch }, (_, step) =>
		learningRate(train, {
			epoch: Math.floor(step / stepsPerEpoch) + 1,
			step,
			stepsPerEpoch,
		}),
	);
}

/** To three digits. */
export function short(rate: number): string {
	return String(Number(rate.toPrecision(3)));
}

interface Mark {
	readonly epoch: number;
	readonly rate: number;
	readonly column: number;
	/** Where its words begin: under its tick, or as near as the words before let them. */
	readonly label: number;
}

/** Where the schedule begins, has warmed up, turns and ends. */
function marksOf(
	train: TrainOptions,
	stepsPerEpoch: number,
	rates: readonly number[],
): readonly Mark[] {
	const { schedule, epochs } = train;
	const { warmup_epochs } = warmupOf(schedule);
	const starts = (epoch: number) => rates[(epoch - 1) * stepsPerEpoch] ?? 0;
	const all = Array.from({ length: epochs }, (_, index) => index + 1);
	const turning = all.slice(1, -1).filter((epoch) => {
		const [before, here, after] = [epoch - 1, epoch, epoch + 1].map(starts) as [
			number,
			number,
			number,
		];
		const isLevel = "step" in schedule || "multistep" in schedule;
		return isLevel ? here < before : here > before && here >= after;
	});
	const middle = Math.ceil((warmup_epochs + epochs) / 2) + 1;
	const epochsAt = new Set([
		...[1, warmup_epochs + 1, ...turning],
		...(turning.some((epoch) => epoch > warmup_epochs + 1) ? [] : [middle]),
	]);
	const last = {
		epoch: epochs,
		rate: rates.at(-1) ?? 0,
		column: WIDTH - 1,
		label: WIDTH - 1,
	};
	return [
		...[...epochsAt]
			.filter((epoch) => epoch < epochs)
			.sort((a, b) => a - b)
			.map((epoch) => {
				const column = Math.round(((epoch - 1) * WIDTH) / epochs);
				return { epoch, rate: starts(epoch), column, label: column };
			}),
		last,
	];
}

/** Those whose words fit beside each other; the first and the last always do. */
function placed(marks: readonly Mark[]): readonly Mark[] {
	const last = marks.at(-1) as Mark;
	const kept: Mark[] = [];
	let free = 0;
	for (const mark of marks.slice(0, -1)) {
		const label = Math.max(mark.column, free);
		const end = label + widthOf(mark);
		const isFar = label - mark.column > FARTHEST;
		if (isFar || end > WIDTH - widthOf(last) - 1) continue;
		kept.push({ ...mark, label });
		free = end + 2;
	}
	return [...kept, last];
}

function widthOf({ epoch, rate }: Mark): number {
	return Math.max(String(epoch).length, short(rate).length);
}

/** Each under its tick; the last ends with the picture. */
function labels(
	marks: readonly Mark[],
	textOf: (mark: Mark) => string,
): string {
	let line = "";
	for (const mark of marks.slice(0, -1))
		line = line.padEnd(mark.label) + textOf(mark);
	const last = textOf(marks.at(-1) as Mark);
	return line.padEnd(WIDTH - last.length) + last;
}
