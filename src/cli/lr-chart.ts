import type { RatePoint } from "../train/lr-finder.ts";

/** Columns and rows of the picture. */
const WIDTH = 60;
const HEIGHT = 12;

/**
 * The smoothed loss over the logarithm of the learning rate, in ASCII. The loss is cut off at its first value plus a
 * quarter, so that where it runs away the valley can still be seen.
 * @param marks letter → learning rate: drawn on the curve
 */
export function lrChart(
	points: readonly RatePoint[],
	marks: Readonly<Record<string, number>>,
): readonly string[] {
	const [first, last] = [points[0], points.at(-1)];
	if (first === undefined || last === undefined) return ["no steps"];
	const losses = points.map(({ smooth }) => smooth);
	const low = Math.min(...losses);
	const start = Math.max(...losses.slice(0, Math.ceil(losses.length / 3)));
	const top = Math.max(low, start + (start - low) / 4);
	const left = Math.log10(first.learningRate);
	const right = Math.max(left + 1e-9, Math.log10(last.learningRate));
	const columnOf = (rate: number) =>
		Math.round(((Math.log10(rate) - left) / (right - left)) * (WIDTH - 1));
	const rowOf = (loss: number) =>
		top === low
			? HEIGHT - 1
			: Math.round(((top - Math.min(loss, top)) / (top - low)) * (HEIGHT - 1));
	const cells = Array.from({ length: HEIGHT }, () =>
		Array<string>(WIDTH).fill(" "),
	);
	const put = (rate: number, loss: number, sign: string) => {
		const row = cells[rowOf(loss)];
		if (row) row[columnOf(rate)] = sign;
	};
	for (const { learningRate, smooth } of points)
		put(learningRate, smooth, smooth > top ? "^" : "*");
	for (const [sign, rate] of Object.entries(marks)) {
		const point = points.find(({ learningRate }) => learningRate >= rate);
		if (point) put(rate, point.smooth, sign);
	}
	const labels = [digits(top), digits(low)];
	const margin = Math.max(...labels.map((label) => label.length));
	const rows = cells.map((row, index) => {
		const label =
			index === 0 ? labels[0] : index === HEIGHT - 1 ? labels[1] : "";
		return `${(label ?? "").padStart(margin)} |${row.join("").trimEnd()}`;
	});
	return [
		...rows,
		`${" ".repeat(margin)} +${axis(left, right, columnOf)}`,
		`${" ".repeat(margin)}  ${decades(left, right, columnOf)}`,
	];
}

function digits(value: number): string {
	return String(Number(value.toPrecision(3)));
}

/** Powers of ten within the picture. */
function powers(left: number, right: number): readonly number[] {
	const first = Math.ceil(left - 1e-9);
	const length = Math.max(0, Math.floor(right + 1e-9) - first + 1);
	return Array.from({ length }, (_, index) => first + index);
}

function axis(
	left: number,
	right: number,
	columnOf: (rate: number) => number,
): string {
	const line = Array<string>(WIDTH).fill("-");
	for (const power of powers(left, right)) line[columnOf(10 ** power)] = "+";
	return line.join("");
}

function decades(
	left: number,
	right: number,
	columnOf: (rate: number) => number,
): string {
	let line = "";
	for (const power of powers(left, right)) {
		const column = columnOf(10 ** power);
		if (column >= line.length) line = `${line.padEnd(column)}1e${power} `;
	}
	return line.trimEnd();
}
