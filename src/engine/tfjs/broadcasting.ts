import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../backend.ts";
import { need, type Operator, sumTo } from "./operator.ts";

/** Two or more inputs with numpy's broadcasting, beside arithmetic.ts. */

/** a to the power of b. The exponent's derivative is 0 where a is not positive. */
export const pow: Operator = (tf, { constant }) => {
	const exponent = constant(1)?.length === 1 ? constant(1)?.[0] : undefined;
	if (exponent !== undefined) return fixedPower(tf, exponent);
	return (inputs) => {
		const a = need(inputs, 0);
		const b = need(inputs, 1);
		const y = tf.pow(a, b);
		return {
			output: y,
			gradient: (g, wanted) => [
				wanted[0]
					? sumTo(tf, tf.mul(g, tf.mul(b, tf.pow(a, tf.sub(b, 1)))), a.shape)
					: undefined,
				wanted[1]
					? sumTo(tf, tf.mul(g, tf.mul(y, safeLog(tf, a))), b.shape)
					: undefined,
			],
		};
	};
};

function safeLog(tf: Tf, a: Tensor): Tensor {
	const positive = tf.step(a);
	return tf.mul(tf.log(tf.add(a, tf.sub(1, positive))), positive);
}

/** Squares and roots are what exports hold, and cheaper than a power. */
function fixedPower(tf: Tf, exponent: number): ReturnType<Operator> {
	const power = (x: Tensor, by: number): Tensor => {
		if (by === 0) return tf.onesLike(x);
		if (by === 1) return x;
		if (by === 2) return tf.square(x);
		if (by === 3) return tf.mul(tf.square(x), x);
		if (by === 0.5) return tf.sqrt(x);
		if (by === -0.5) return tf.rsqrt(x);
		return tf.pow(x, by);
	};
	return (inputs) => {
		const x = need(inputs, 0);
		return {
			output: power(x, exponent),
			gradient: (g) => [
				exponent === 0
					? tf.zerosLike(x)
					: tf.mul(g, tf.mul(power(x, exponent - 1), exponent)),
			],
		};
	};
}

/** Σ of all inputs. */
export const sum: Operator = (tf) => (inputs) => {
	const given = inputs.map((_, index) => need(inputs, index));
	return {
		output: given.reduce((total, x) => tf.add(total, x)),
		gradient: (g) => given.map((x) => sumTo(tf, g, x.shape)),
	};
};

/** The mean of all inputs, element by element. */
export const mean: Operator = (tf) => (inputs) => {
	const given = inputs.map((_, index) => need(inputs, index));
	return {
		output: tf.div(
			given.reduce((total, x) => tf.add(total, x)),
			given.length,
		),
		gradient(g) {
			const share = tf.div(g, given.length);
			return given.map((x) => sumTo(tf, share, x.shape));
		},
	};
};

/** The extreme of all inputs, element by element; equal ones share the gradient, as torch's maximum does. */
function extreme(choose: (tf: Tf, a: Tensor, b: Tensor) => Tensor): Operator {
	return (tf) => (inputs) => {
		const given = inputs.map((_, index) => need(inputs, index));
		const y = given.reduce((best, x) => choose(tf, best, x));
		return {
			output: y,
			gradient(g) {
				const hits = given.map((x) => tf.cast(tf.equal(x, y), "float32"));
				const count = hits.reduce((total, hit) => tf.add(total, hit));
				const share = tf.div(g, count);
				return given.map((x, index) =>
					sumTo(tf, tf.mul(share, hits[index] as Tensor), x.shape),
				);
			},
		};
	};
}

export const max = extreme((tf, a, b) => tf.maximum(a, b));
export const min = extreme((tf, a, b) => tf.minimum(a, b));

/** x where positive, else slope · x; the slope broadcasts. */
export const pRelu: Operator = (tf) => (inputs) => {
	const x = need(inputs, 0);
	const slope = need(inputs, 1);
	const negative = tf.minimum(x, 0);
	return {
		output: tf.add(tf.relu(x), tf.mul(negative, slope)),
		gradient(g, wanted) {
			const right = tf.step(x);
			const by = () => tf.add(right, tf.mul(tf.sub(1, right), slope));
			return [
				wanted[0] ? tf.mul(g, by()) : undefined,
				wanted[1] ? sumTo(tf, tf.mul(g, negative), slope.shape) : undefined,
			];
		},
	};
};

/** Floor's remainder (fmod 0) or C's (fmod 1). The divisor gets no gradient. */
export const mod: Operator = (tf, { number }) => {
	const truncates = number("fmod", 0) !== 0;
	return (inputs) => {
		const a = need(inputs, 0);
		const b = need(inputs, 1);
		const whole = tf.div(a, b);
		const turns = truncates
			? tf.mul(tf.sign(whole), tf.floor(tf.abs(whole)))
			: tf.floor(whole);
		return {
			output: tf.sub(a, tf.mul(turns, b)),
			gradient: (g) => [sumTo(tf, g, a.shape), undefined],
		};
	};
};
