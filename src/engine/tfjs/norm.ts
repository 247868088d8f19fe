import type { Tensor } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../model/dtypes.ts";
import type { Tf } from "../backend.ts";
import { need, type Operator } from "./operator.ts";

/** Normalisations by the statistics of the tensor itself. Each sees x as rows: [rows, width], of which each is normalised. */

interface Normalised {
	/** (x - mean) / √(variance + ε), [rows, width]. */
	readonly output: Tensor;
	/** From the gradient by `output` to that by the rows. */
	readonly gradient: (g: Tensor) => Tensor;
}

function normalise(tf: Tf, rows: Tensor, epsilon: number): Normalised {
	const centred = tf.sub(rows, tf.mean(rows, 1, true));
	const variance = tf.mean(tf.square(centred), 1, true);
	const scale = tf.rsqrt(tf.add(variance, epsilon));
	const y = tf.mul(centred, scale);
	return {
		output: y,
		gradient(g) {
			const share = tf.mul(y, tf.mean(tf.mul(g, y), 1, true));
			const rest = tf.sub(g, tf.add(share, tf.mean(g, 1, true)));
			return tf.mul(rest, scale);
		},
	};
}

/** Over the dimensions from `axis` on, then scale and bias of their shape (Ba et al. 2016). */
export const layerNormalization: Operator = (tf, { number }) => {
	const wished = number("axis", -1);
	const epsilon = number("epsilon", 1e-5);
	return (inputs) => {
		const x = need(inputs, 0);
		const scale = need(inputs, 1);
		const bias = inputs[2];
		const axis = wished < 0 ? wished + x.shape.length : wished;
		const width = sizeOf(x.shape.slice(axis));
		const flat = (tensor: Tensor) => tf.reshape(tensor, [-1, width]);
		const normed = normalise(tf, flat(x), epsilon);
		const factor = tf.reshape(scale, [1, width]);
		const scaled = tf.mul(normed.output, factor);
		const y = bias ? tf.add(scaled, tf.reshape(bias, [1, width])) : scaled;
		return {
			output: tf.reshape(y, x.shape),
			gradient(upstream, wanted) {
				const g = flat(upstream);
				return [
					wanted[0]
						? tf.reshape(normed.gradient(tf.mul(g, factor)), x.shape)
						: undefined,
					wanted[1]
						? tf.reshape(tf.sum(tf.mul(g, normed.output), 0), scale.shape)
						: undefined,
					wanted[2] && bias ? tf.reshape(tf.sum(g, 0), bias.shape) : undefined,
				];
			},
		};
	};
};

/**
 * [n, c, …] in `groups` groups of channels, each normalised by itself; scale and bias per channel (in opset 18 per
 * group).
 */
function grouped(
	tf: Tf,
	inputs: readonly (Tensor | undefined)[],
	groups: number,
	epsilon: number,
) {
	const x = need(inputs, 0);
	const scale = need(inputs, 1);
	const bias = need(inputs, 2);
	const [n, c] = x.shape as [number, number];
	const parts = scale.size;
	const apart = [n, parts, x.size / (n * parts)];
	const rows = [n * groups, x.size / (n * groups)];
	const normed = normalise(tf, tf.reshape(x, rows), epsilon);
	const factor = tf.reshape(scale, [1, parts, 1]);
	const y = tf.add(
		tf.mul(tf.reshape(normed.output, apart), factor),
		tf.reshape(bias, [1, parts, 1]),
	);
	if (parts !== c && parts !== groups)
		throw new Error(`internal: ${parts} scales for ${c} channels`);
	return {
		output: tf.reshape(y, x.shape),
		gradient(upstream: Tensor, wanted: readonly boolean[]) {
			const g = tf.reshape(upstream, apart);
			const by = (tensor: Tensor) =>
				tf.reshape(tf.sum(tensor, [0, 2]), [parts]);
			return [
				wanted[0]
					? tf.reshape(
							normed.gradient(tf.reshape(tf.mul(g, factor), rows)),
							x.shape,
						)
					: undefined,
				wanted[1] ? by(tf.mul(g, tf.reshape(normed.output, apart))) : undefined,
				wanted[2] ? by(g) : undefined,
			];
		},
	};
}

/** Wu and He 2018, https://arxiv.org/abs/1803.08494. */
export const groupNormalization: Operator = (tf, { number }) => {
	const groups = number("num_groups", 1);
	const epsilon = number("epsilon", 1e-5);
	return (inputs) => grouped(tf, inputs, groups, epsilon);
};

/** Every channel a group of its own (Ulyanov et al. 2016). */
export const instanceNormalization: Operator = (tf, { number }) => {
	const epsilon = number("epsilon", 1e-5);
	return (inputs) =>
		grouped(tf, inputs, need(inputs, 0).shape[1] as number, epsilon);
};

/** x divided by its 1- or 2-norm along one axis. */
export const lpNormalization: Operator = (tf, view) => {
	const wished = view.number("axis", -1);
	const p = view.number("p", 2);
	return (inputs) => {
		const x = need(inputs, 0);
		const axis = view.axis(wished, x.shape.length);
		const total = (tensor: Tensor) => tf.sum(tensor, axis, true);
		const norm = p === 1 ? total(tf.abs(x)) : tf.sqrt(total(tf.square(x)));
		const y = tf.div(x, norm);
		return {
			output: y,
			gradient(g) {
				const slope = p === 1 ? tf.sign(x) : y;
				const along = tf.mul(slope, total(tf.mul(g, y)));
				return [tf.div(tf.sub(g, along), norm)];
			},
		};
	};
};

/** Local response normalisation across `size` neighbouring channels (Krizhevsky et al. 2012); x is [n, h, w, c]. */
export const lrn: Operator = (tf, { number }) => {
	const size = number("size", 1);
	const alpha = number("alpha", 1e-4) / size;
	const beta = number("beta", 0.75);
	const k = number("bias", 1);
	return (inputs) => {
		const x = need(inputs, 0);
		const c = x.shape.at(-1) as number;
		const band = tf.tensor2d(neighbours(c, size), [c, c]);
		const across = (tensor: Tensor, matrix: Tensor) =>
			tf.reshape(tf.matMul(tf.reshape(tensor, [-1, c]), matrix), x.shape);
		const sums = across(tf.square(x), tf.transpose(band));
		const base = tf.add(tf.mul(sums, alpha), k);
		const power = tf.pow(base, -beta);
		return {
			output: tf.mul(x, power),
			gradient(g) {
				const inner = tf.div(tf.mul(tf.mul(g, x), power), base);
				const spread = tf.mul(across(inner, band), -2 * alpha * beta);
				return [tf.add(tf.mul(g, power), tf.mul(x, spread))];
			},
		};
	};
};

/** [c, c]: 1 where channel j counts for channel i, from i - ⌊(size - 1) / 2⌋ to i + ⌈(size - 1) / 2⌉. */
function neighbours(c: number, size: number): Float32Array {
	const matrix = new Float32Array(c * c);
	const before = Math.floor((size - 1) / 2);
	const after = Math.ceil((size - 1) / 2);
	for (let i = 0; i < c; i++)
		for (let j = Math.max(i - before, 0); j <= Math.min(i + after, c - 1); j++)
			matrix[i * c + j] = 1;
	return matrix;
}
