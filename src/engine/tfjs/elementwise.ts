import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../backend.ts";
import { type NodeView, need, type Operator } from "./operator.ts";

/** One input, element by element: functions of calculus and the activations beside activations.ts. */

/** The result, and its derivative by x given x and the result. */
interface Rule {
	readonly forward: (x: Tensor) => Tensor;
	readonly derivative: (x: Tensor, y: Tensor) => Tensor;
}

/** @param rule made once a node, so that attributes are read once. */
function unary(rule: (tf: Tf, view: NodeView) => Rule): Operator {
	return (tf, view) => {
		const { forward, derivative } = rule(tf, view);
		return (inputs) => {
			const x = need(inputs, 0);
			const y = forward(x);
			return {
				output: y,
				gradient: (g) => [tf.mul(g, derivative(x, y))],
			};
		};
	};
}

/** Steps: the derivative is 0 wherever it exists, as torch's. */
function stepwise(forward: (tf: Tf, x: Tensor) => Tensor): Operator {
	return (tf) => (inputs) => {
		const x = need(inputs, 0);
		return {
			output: forward(tf, x),
			gradient: () => [tf.zerosLike(x)],
		};
	};
}

export const floor = stepwise((tf, x) => tf.floor(x));
export const ceil = stepwise((tf, x) => tf.ceil(x));
/** Halves to the even neighbour. */
export const round = stepwise((tf, x) => tf.round(x));
export const sign = stepwise((tf, x) => tf.sign(x));

/** y = -x. */
export const neg: Operator = (tf) => (inputs) => ({
	output: tf.neg(need(inputs, 0)),
	gradient: (g) => [tf.neg(g)],
});

/** Derivative 0 at 0, as torch's. */
export const abs = unary((tf) => ({
	forward: (x) => tf.abs(x),
	derivative: (x) => tf.sign(x),
}));

export const sqrt = unary((tf) => ({
	forward: (x) => tf.sqrt(x),
	derivative: (_x, y) => tf.div(0.5, y),
}));

export const reciprocal = unary((tf) => ({
	forward: (x) => tf.reciprocal(x),
	derivative: (_x, y) => tf.neg(tf.square(y)),
}));

export const exp = unary((tf) => ({
	forward: (x) => tf.exp(x),
	derivative: (_x, y) => y,
}));

export const log = unary((tf) => ({
	forward: (x) => tf.log(x),
	derivative: (x) => tf.reciprocal(x),
}));

export const sin = unary((tf) => ({
	forward: (x) => tf.sin(x),
	derivative: (x) => tf.cos(x),
}));

export const cos = unary((tf) => ({
	forward: (x) => tf.cos(x),
	derivative: (x) => tf.neg(tf.sin(x)),
}));

/** Within 2e-7 on every backend: wasm and cpu use Abramowitz and Stegun's 7.1.26, TensorFlow its own. */
export const erf = unary((tf) => ({
	forward: (x) => tf.erf(x),
	derivative: (x) =>
		tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI)),
}));

/** max(0, min(1, alpha x + beta)); derivative 0 on the bounds, as torch's. */
export const hardSigmoid = unary((tf, { number }) => {
	const alpha = number("alpha", 0.2);
	const beta = number("beta", 0.5);
	const [low, high] = [-beta / alpha, (1 - beta) / alpha];
	return {
		forward: (x) => tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1),
		derivative: (x) => tf.mul(inside(tf, x, low, high), alpha),
	};
});

/** x · max(0, min(1, x / 6 + 0.5)). */
export const hardSwish = unary((tf) => {
	const gate = (x: Tensor) =>
		tf.clipByValue(tf.add(tf.mul(x, 1 / 6), 0.5), 0, 1);
	return {
		forward: (x) => tf.mul(x, gate(x)),
		derivative: (x) =>
			tf.add(gate(x), tf.mul(tf.mul(x, inside(tf, x, -3, 3)), 1 / 6)),
	};
});

/** 1 where low < x < high, else 0. */
function inside(tf: Tf, x: Tensor, low: number, high: number): Tensor {
	return tf.mul(tf.step(tf.sub(x, low)), tf.step(tf.sub(high, x)));
}

/** log(1 + exp(x)), written so that no exp overflows. */
function softened(tf: Tf, x: Tensor): Tensor {
	return tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))));
}

export const softplus = unary((tf) => ({
	forward: (x) => softened(tf, x),
	derivative: (x) => tf.sigmoid(x),
}));

/** x / (1 + |x|). */
export const softsign = unary((tf) => ({
	forward: (x) => tf.div(x, tf.add(tf.abs(x), 1)),
	derivative: (x) => tf.reciprocal(tf.square(tf.add(tf.abs(x), 1))),
}));

/** x · tanh(softplus(x)) (Misra 2019, https://arxiv.org/abs/1908.08681). */
export const mish = unary((tf) => ({
	forward: (x) => tf.mul(x, tf.tanh(softened(tf, x))),
	derivative(x) {
		const gate = tf.tanh(softened(tf, x));
		const slope = tf.mul(tf.sub(1, tf.square(gate)), tf.mul(x, tf.sigmoid(x)));
		return tf.add(gate, slope);
	},
}));

/** x where positive, else `scale · alpha · (exp(x / width) - 1)`; `scale` on both sides. */
function exponential(
	tf: Tf,
	{ alpha, scale, width }: { alpha: number; scale: number; width: number },
): Rule {
	const under = (x: Tensor) => tf.div(tf.minimum(x, 0), width);
	return {
		forward: (x) =>
			tf.add(
				tf.mul(tf.relu(x), scale),
				tf.mul(tf.expm1(under(x)), scale * alpha),
			),
		derivative(x) {
			const right = tf.step(x);
			const left = tf.mul(tf.exp(under(x)), (scale * alpha) / width);
			return tf.add(tf.mul(right, scale), tf.mul(tf.sub(1, right), left));
		},
	};
}

export const elu = unary((tf, { number }) =>
	exponential(tf, { alpha: number("alpha", 1), scale: 1, width: 1 }),
);

/** Klambauer et al. 2017, https://arxiv.org/abs/1706.02515. */
export const selu = unary((tf, { number }) =>
	exponential(tf, {
		alpha: number("alpha", 1.6732632423543772),
		scale: number("gamma", 1.0507009873554805),
		width: 1,
	}),
);

export const celu = unary((tf, { number }) => {
	const alpha = number("alpha", 1);
	return exponential(tf, { alpha, scale: 1, width: alpha });
});

/** x where positive, else alpha x. */
export const leakyRelu = unary((tf, { number }) => {
	const alpha = number("alpha", 0.01);
	return {
		forward: (x) => tf.add(tf.relu(x), tf.mul(tf.minimum(x, 0), alpha)),
		derivative: (x) => tf.add(tf.mul(tf.step(x), 1 - alpha), alpha),
	};
});

/** x sigmoid(alpha x): opset 24's Swish. */
export const swish = unary((tf, { number }) => {
	const alpha = number("alpha", 1);
	const gateOf = (x: Tensor) => tf.sigmoid(alpha === 1 ? x : tf.mul(x, alpha));
	return {
		forward: (x) => tf.mul(x, gateOf(x)),
		derivative(x, y) {
			const gate = gateOf(x);
			return tf.add(gate, tf.mul(tf.mul(y, tf.sub(1, gate)), alpha));
		},
	};
});
