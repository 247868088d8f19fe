import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../backend.ts";
import { need, type Operator, sumTo } from "./operator.ts";

/** Matrix products. */

/**
 * a · b over the last two dimensions, with either transposed first. tfjs's own transposing product is 3 to
 * 15 times slower on wasm than a transpose and a plain product; elsewhere it costs nothing.
 */
export function multiply(
	tf: Tf,
	a: Tensor,
	b: Tensor,
	transposeA: boolean,
	transposeB: boolean,
): Tensor {
	if (tf.getBackend() !== "wasm")
		return tf.matMul(a, b, transposeA, transposeB);
	return tf.matMul(
		transposeA ? swapLast(tf, a) : a,
		transposeB ? swapLast(tf, b) : b,
	);
}

function swapLast(tf: Tf, x: Tensor): Tensor {
	const order = x.shape.map((_, axis) => axis);
	const last = order.length - 1;
	order[last] = last - 1;
	order[last - 1] = last;
	return tf.transpose(x, order);
}

/**
 * Y = alpha · A' · B' + beta · C, primes by transA and transB. torch.nn.Linear is transB = 1, so that the
 * gradient of its weight is Y'ᵀ · A: only the small Y' is transposed.
 */
export const gemm: Operator = (tf, view) => {
	const alpha = view.number("alpha", 1);
	const beta = view.number("beta", 1);
	const transA = view.number("transA", 0) !== 0;
	const transB = view.number("transB", 0) !== 0;
	const scaled = (x: Tensor, factor: number) =>
		factor === 1 ? x : tf.mul(x, factor);

	return (inputs) => {
		const a = need(inputs, 0);
		const b = need(inputs, 1);
		const c = inputs[2];
		const turned = transB ? view.transposed(1) : undefined;
		const product = scaled(
			turned
				? multiply(tf, a, turned, transA, false)
				: multiply(tf, a, b, transA, transB),
			alpha,
		);
		return {
			output: c ? tf.add(product, scaled(c, beta)) : product,
			gradient(upstream, wanted) {
				const g = scaled(upstream, alpha);
				return [
					wanted[0]
						? transA
							? multiply(tf, b, g, transB, true)
							: multiply(tf, g, b, false, !transB)
						: undefined,
					wanted[1]
						? transB
							? multiply(tf, g, a, true, transA)
							: multiply(tf, a, g, !transA, false)
						: undefined,
					wanted[2] && c
						? sumTo(tf, scaled(upstream, beta), c.shape)
						: undefined,
				];
			},
		};
	};
};

/**
 * numpy's matmul: leading dimensions broadcast, a vector is a row on the left and a column on the right. Tokens times
 * one matrix ([n, s, d] · [d, k], every Linear of a transformer) are one product of [n s, d].
 */
export const matMul: Operator = (tf, view) => (inputs) => {
	const left = need(inputs, 0);
	const right = need(inputs, 1);
	const isLinear = left.shape.length > 2 && right.shape.length === 2;
	const rows = [-1, left.shape.at(-1) as number];
	const a =
		isLinear || left.shape.length === 1
			? tf.reshape(left, isLinear ? rows : [1, -1])
			: left;
	const b = right.shape.length === 1 ? tf.reshape(right, [-1, 1]) : right;
	const product = multiply(tf, a, b, false, false);
	const shape = isLinear
		? [...left.shape.slice(0, -1)]
		: product.shape.slice(0, -2);
	if (!isLinear && left.shape.length > 1)
		shape.push(product.shape.at(-2) as number);
	if (right.shape.length > 1) shape.push(product.shape.at(-1) as number);
	return {
		output: tf.reshape(product, shape),
		gradient(upstream, wanted) {
			const g = tf.reshape(upstream, product.shape);
			const back = (gradient: Tensor, to: Tensor, like: Tensor) =>
				tf.reshape(sumTo(tf, gradient, to.shape), like.shape);
			const turned = wanted[0] ? view.transposed(1) : undefined;
			return [
				wanted[0]
					? back(
							turned
								? multiply(tf, g, turned, false, false)
								: multiply(tf, g, b, false, true),
							a,
							left,
						)
					: undefined,
				wanted[1] ? back(multiply(tf, a, g, true, false), b, right) : undefined,
			];
		},
	};
};
