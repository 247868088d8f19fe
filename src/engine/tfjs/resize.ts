import type { Tensor } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../model/dtypes.ts";
import type { Tf } from "../backend.ts";
import { hostValues } from "./host-values.ts";
import { need, type Operator } from "./operator.ts";
import { multiply } from "./products.ts";
import { resizeMatrix, resizeRule } from "./resize-weights.ts";

/**
 * Resize and Upsample, one axis after the other, each as a product with a matrix of the weights; whose transpose is
 * the way back. Inputs: x, roi, scales, sizes; of Upsample x, scales.
 */
export const resize: Operator = (tf, view) => {
	const rule = resizeRule(view.node);
	const scales = view.constant(view.node.op === "Upsample" ? 1 : 2);
	const sizesOf = hostValues(view, 3);
	const { axes } = view.node.attributes;
	return (inputs) => {
		const x = need(inputs, 0);
		const rank = x.shape.length;
		const sizes = sizesOf(inputs);
		const stated = Array.isArray(axes)
			? (axes as readonly number[])
			: x.shape.map((_, axis) => axis);
		const steps = stated.flatMap((given, index) => {
			const axis = view.axis(given, rank);
			const from = x.shape[axis] as number;
			const to = sizes?.length
				? (sizes[index] as number)
				: Math.floor(from * (scales?.[index] ?? 1));
			const scale = sizes?.length ? to / from : (scales?.[index] ?? 1);
			if (to === from || given === 0) return [];
			const weights = resizeMatrix(from, to, scale, rule);
			return [{ axis, matrix: tf.tensor2d(weights, [to, from]) }];
		});
		return {
			output: steps.reduce(
				(y, { axis, matrix }) => along(tf, y, axis, matrix, false),
				x,
			),
			gradient: (g) => [
				steps.reduceRight(
					(back, { axis, matrix }) => along(tf, back, axis, matrix, true),
					g,
				),
			],
		};
	};
};

/** matrix · x along one axis, or its transpose. */
function along(
	tf: Tf,
	x: Tensor,
	axis: number,
	matrix: Tensor,
	transposed: boolean,
): Tensor {
	const before = sizeOf(x.shape.slice(0, axis));
	const size = x.shape[axis] as number;
	const after = sizeOf(x.shape.slice(axis + 1));
	const shape = [...x.shape];
	shape[axis] = matrix.shape[transposed ? 1 : 0] as number;
	if (after === 1)
		return tf.reshape(
			multiply(tf, tf.reshape(x, [before, size]), matrix, false, !transposed),
			shape,
		);
	const planes = tf.reshape(x, [before, size, after]);
	const batched = tf.reshape(matrix, [1, ...matrix.shape]);
	return tf.reshape(multiply(tf, batched, planes, transposed, false), shape);
}
