import type { Tensor } from "@tensorflow/tfjs-core";
import { kernelsOf } from "./kernels/kernels.ts";
import { need, type Operator } from "./operator.ts";

/**
 * ONNX's BatchNormalization over the channels of [n, h, w, c], or of [n, c] and [n, c, l].
 *
 * Whose running statistics are buffers of the parameters, it takes the batch's own in training and moves the running
 * ones: running += (1 - momentum) · (batch - running), the variance divided by n - 1, as torch.nn.BatchNorm2d in
 * train(), whose momentum is 1 minus ONNX's. Else it is x · scale / sqrt(var + epsilon) + the rest.
 */
export const batchNormalization: Operator = (tf, view) => {
	const epsilon = view.number("epsilon", 1e-5);
	const momentum = view.number("momentum", 0.9);
	const setMean = view.buffer(3);
	const setVariance = view.buffer(4);
	const fixed = [1, 2, 3, 4].every(view.isFixed);
	return (inputs, { training }) => {
		const [given, scale, offset, mean, variance] = [0, 1, 2, 3, 4].map(
			(index) => need(inputs, index),
		) as [Tensor, Tensor, Tensor, Tensor, Tensor];
		const kernels = kernelsOf(tf);
		const isLast = given.shape.length === 4 || given.shape.length === 2;
		const c = scale.size;
		const order = given.shape.map((_, axis) => axis);
		order.splice(1, 1);
		const inside = [...order, 1];
		const outside = inside.map((_, axis) => inside.indexOf(axis));
		// The channel last, and the rest as one map.
		const enter = (x: Tensor) => {
			const last = isLast ? x : tf.transpose(x, inside);
			if (x.shape.length === 4) return last;
			const n = x.shape[0] as number;
			return tf.reshape(last, [n, x.size / (n * c), 1, c]);
		};
		const leave = (y: Tensor) => {
			if (given.shape.length === 4) return y;
			if (isLast) return tf.reshape(y, given.shape);
			const last = inside.map((axis) => given.shape[axis] as number);
			return tf.transpose(tf.reshape(y, last), outside);
		};
		const x = enter(given);

		if (training && setMean && setVariance) {
			const affine = { scale, offset };
			const running = { mean, variance, momentum };
			const normed = kernels.batchNorm(x, affine, running, epsilon);
			setMean(normed.mean);
			setVariance(normed.variance);
			return {
				output: leave(normed.output),
				keeps: [given],
				gradient(upstream) {
					const [byX, byScale, byOffset] = normed.gradient(enter(upstream), x);
					return [leave(byX), byScale, byOffset];
				},
			};
		}

		const once = (key: string, make: () => Tensor) =>
			fixed ? view.derived(key, make) : make();
		const inverse = once("inverse", () => tf.rsqrt(tf.add(variance, epsilon)));
		const factor = once("factor", () => tf.mul(scale, inverse));
		const shift = once("shift", () => tf.sub(offset, tf.mul(mean, factor)));
		return {
			output: leave(kernels.affine(x, factor, shift)),
			keeps: [given],
			gradient(upstream, wanted) {
				const g = enter(upstream);
				const normed = () => tf.mul(tf.sub(x, mean), inverse);
				return [
					wanted[0] ? leave(tf.mul(g, factor)) : undefined,
					wanted[1] ? kernels.sumChannels(tf.mul(g, normed())) : undefined,
					wanted[2] ? kernels.sumChannels(g) : undefined,
				];
			},
		};
	};
};
