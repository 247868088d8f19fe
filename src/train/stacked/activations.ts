import type { Matrix } from "./kernel/kernel.ts";
import type { Activation } from "./stack-key.ts";

/** What stands between Linear layers, element by element, each operation rounded to float32. */

const { fround } = Math;

interface Rule {
	readonly value: (x: number) => number;
	/** The derivative, by what `value` gave. */
	readonly slope: (y: number) => number;
}

const RULES: Readonly<Record<Activation, Rule>> = {
	Relu: {
		value: (x) => (x < 0 ? 0 : x),
		slope: (y) => (y > 0 ? 1 : 0),
	},
	Tanh: {
		value: Math.tanh,
		slope: (y) => fround(1 - fround(y * y)),
	},
	Sigmoid: {
		value: (x) => 1 / (1 + Math.exp(-x)),
		slope: (y) => fround(y * fround(1 - y)),
	},
};

/** In place, of the first `photos` columns. */
export function activate(
	activation: Activation,
	{ data, rows, stride }: Matrix,
	photos: number,
): void {
	const { value } = RULES[activation];
	for (let out = 0; out < rows; out++) {
		const end = out * stride + photos;
		for (let at = out * stride; at < end; at++) data[at] = value(data[at]);
	}
}

/** From the gradient by what `activate` gave to that by what it was given, in place. */
export function backThrough(
	activation: Activation,
	upstream: Matrix,
	activated: Matrix,
	photos: number,
): void {
	const { slope } = RULES[activation];
	for (let out = 0; out < upstream.rows; out++) {
		const from = out * upstream.stride;
		const shift = out * activated.stride - from;
		for (let at = from; at < from + photos; at++)
			upstream.data[at] *= slope(activated.data[at + shift]);
	}
}
