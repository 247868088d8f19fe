import type { Tensor } from "@tensorflow/tfjs-core";
import { KINDS } from "../../model/dtypes.ts";
import type { Tf } from "../backend.ts";
import { need, type Operator, sumTo } from "./operator.ts";

/** Comparisons, logic and choice. Truth is float32 0 or 1, as every tensor here is float32; none of it has a gradient. */

function answering(decide: (tf: Tf, a: Tensor, b: Tensor) => Tensor): Operator {
	return (tf) => (inputs) => ({
		output: tf.cast(decide(tf, need(inputs, 0), need(inputs, 1)), "float32"),
		gradient: () => [undefined, undefined],
	});
}

export const equal = answering((tf, a, b) => tf.equal(a, b));
export const greater = answering((tf, a, b) => tf.greater(a, b));
export const greaterOrEqual = answering((tf, a, b) => tf.greaterEqual(a, b));
export const less = answering((tf, a, b) => tf.less(a, b));
export const lessOrEqual = answering((tf, a, b) => tf.lessEqual(a, b));
export const and = answering((tf, a, b) => tf.mul(a, b));
export const or = answering((tf, a, b) => tf.maximum(a, b));
export const xor = answering((tf, a, b) => tf.notEqual(a, b));

/** Whether a number is none; what else is known of it a float cannot say. */
export const isNan: Operator = (tf) => (inputs) => ({
	output: tf.cast(tf.isNaN(need(inputs, 0)), "float32"),
	gradient: () => [undefined],
});

export const isInf: Operator = (tf, { number }) => {
	const [up, down] = [
		number("detect_positive", 1) !== 0,
		number("detect_negative", 1) !== 0,
	];
	return (inputs) => {
		const x = need(inputs, 0);
		const found = tf.cast(tf.isInf(x), "float32");
		const seen =
			up && down ? found : tf.mul(found, tf.step(up ? x : tf.neg(x)));
		return { output: seen, gradient: () => [undefined] };
	};
};

export const not: Operator = (tf) => (inputs) => ({
	output: tf.sub(1, need(inputs, 0)),
	gradient: () => [undefined],
});

/** The second input where the first is true, else the third; all broadcast. */
export const where: Operator = (tf) => (inputs) => {
	const test = tf.cast(need(inputs, 0), "bool");
	const yes = need(inputs, 1);
	const no = need(inputs, 2);
	return {
		output: tf.where(test, yes, no),
		gradient(g, wanted) {
			const zeros = tf.zerosLike(g);
			return [
				undefined,
				wanted[1] ? sumTo(tf, tf.where(test, g, zeros), yes.shape) : undefined,
				wanted[2] ? sumTo(tf, tf.where(test, zeros, g), no.shape) : undefined,
			];
		},
	};
};

/** Among floats nothing happens (training computes in float32); to integers the fraction goes, and with it the gradient. */
export const cast: Operator = (tf, { number }) => {
	const to = number("to", 1);
	const whole = Object.entries(KINDS).some(
		([dtype, { onnx }]) => onnx === to && /int/.test(dtype),
	);
	const toBool = to === KINDS.bool.onnx;
	return (inputs) => {
		const x = need(inputs, 0);
		if (!whole && !toBool) return { output: x, gradient: (g) => [g] };
		return {
			output: toBool
				? tf.cast(tf.notEqual(x, 0), "float32")
				: tf.mul(tf.sign(x), tf.floor(tf.abs(x))),
			gradient: () => [tf.zerosLike(x)],
		};
	};
};

/** The upper (default) or lower triangle of the last two dimensions, from diagonal k on. */
export const trilu: Operator = (tf, { number, constant }) => {
	const upper = number("upper", 1) !== 0;
	const k = constant(1)?.[0] ?? 0;
	return (inputs) => {
		const x = need(inputs, 0);
		const [rows, columns] = x.shape.slice(-2) as [number, number];
		const kept = new Float32Array(rows * columns);
		for (let row = 0; row < rows; row++)
			for (let column = 0; column < columns; column++)
				if (upper ? column - row >= k : column - row <= k)
					kept[row * columns + column] = 1;
		// A product would turn an infinity that is cut off into NaN.
		const mask = tf.cast(tf.tensor(kept, [rows, columns]), "bool");
		return {
			output: tf.where(mask, x, tf.zerosLike(x)),
			gradient: (g) => [tf.where(mask, g, tf.zerosLike(g))],
		};
	};
};
