import type { Json } from "../../../fingerprint.ts";
import { type Axis, linearAxis, logAxis } from "../../../runs/report/axis.ts";
import { shortValue, valueText } from "../words.ts";

/** Where a swept value falls on its axis: a number on a line, anything else in its column. */
export interface Scale {
	/** 0 … 1; undefined where a point lacks the axis. */
	readonly place: (value: Json | undefined) => number | undefined;
	readonly ticks: readonly { readonly at: number; readonly text: string }[];
	readonly isNumeric: boolean;
}

/** Numbers of many sizes stand on a logarithmic axis; a few equally spaced ones, texts and lists in columns. */
export function scaleOf(values: readonly (Json | undefined)[]): Scale {
	const known = values.filter((value) => value !== undefined);
	const numbers = known.filter((value) => typeof value === "number");
	const distinct = new Map(known.map((value) => [valueText(value), value]));
	if (numbers.length === known.length && new Set(numbers).size > 2) {
		const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
		return numeric(
			least > 0 && most / least >= 20 ? logAxis(numbers) : linearAxis(numbers),
		);
	}
	const texts = [...distinct.keys()];
	if (numbers.length === known.length)
		texts.sort((a, b) => Number(a) - Number(b));
	const at = (index: number) =>
		texts.length === 1 ? 0.5 : index / (texts.length - 1);
	return {
		place: (value) => {
			const index = texts.indexOf(valueText(value));
			return value === undefined || index === -1 ? undefined : at(index);
		},
		ticks: texts.map((text, index) => ({
			at: at(index),
			text: shortValue(distinct.get(text)),
		})),
		isNumeric: false,
	};
}

/** Of the objective itself. */
export function scoreScale(scores: readonly number[]): Axis {
	const finite = scores.filter(Number.isFinite);
	return linearAxis(finite.length === 0 ? [0, 1] : finite);
}

function numeric(axis: Axis): Scale {
	return {
		place: (value) =>
			typeof value === "number" && Number.isFinite(value)
				? axis.place(value)
				: undefined,
		ticks: axis.ticks.map((tick) => ({
			at: axis.place(tick),
			text: shortNumber(tick),
		})),
		isNumeric: true,
	};
}

function shortNumber(value: number): string {
	return value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)
		? value.toExponential(0)
		: String(value);
}
