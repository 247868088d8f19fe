import type { Tensor } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../model/dtypes.ts";
import type { Tf } from "../backend.ts";
import { type NodeView, need, type Operator } from "./operator.ts";

/** Reductions over any axes; axes are an input since opset 13 or 18, an attribute before. */

/** Both work on tensors that keep the reduced axes as 1. */
interface Rule {
	readonly forward: (tf: Tf, x: Tensor, axes: number[]) => Tensor;
	/** dy/dx given x, y and the number of elements that become one; broadcasts. */
	readonly derivative: (
		tf: Tf,
		x: Tensor,
		y: Tensor,
		axes: number[],
	) => Tensor | number;
}

function reduction({ forward, derivative }: Rule): Operator {
	return (tf, view) => {
		const axesOf = axesReader(view);
		const keep = view.number("keepdims", 1) !== 0;
		return (inputs) => {
			const x = need(inputs, 0);
			const rank = x.shape.length;
			const stated = axesOf(rank);
			const axes = stated.map((axis) => view.axis(axis, rank));
			const y = axes.length === 0 ? x : forward(tf, x, axes);
			// What is left without the reduced axes is in ONNX's order, whatever the order of x.
			const left = x.shape
				.map((_, axis) => axis)
				.filter((axis) => !stated.includes(axis))
				.map((axis) => view.axis(axis, rank));
			const order = [...left, ...axes];
			const isTurned = !keep && left.some((at, i) => at < (left[i - 1] ?? 0));
			const turned = isTurned ? tf.transpose(y, order) : y;
			const shape = keep
				? y.shape
				: left.map((axis) => x.shape[axis] as number);
			return {
				output: tf.reshape(turned, shape),
				gradient(upstream) {
					if (axes.length === 0) return [upstream];
					const whole = tf.reshape(upstream, turned.shape);
					const g = isTurned
						? tf.transpose(whole, inverse(order))
						: tf.reshape(whole, y.shape);
					const product = tf.mul(g, derivative(tf, x, y, axes));
					return [
						product.size === x.size
							? product
							: tf.broadcastTo(product, x.shape),
					];
				},
			};
		};
	};
}

function inverse(order: readonly number[]): number[] {
	return order.map((_, axis) => order.indexOf(axis));
}

/** Positive axes for a rank, as ONNX counts; none where the node reduces nothing. */
function axesReader({ node, constant, number }: NodeView) {
	const given = node.attributes.axes;
	const stated = Array.isArray(given)
		? (given as readonly number[])
		: constant(1);
	const none = number("noop_with_empty_axes", 0) !== 0;
	return (rank: number): number[] => {
		if (stated?.length)
			return stated.map((axis) => (axis < 0 ? axis + rank : axis));
		return none ? [] : Array.from({ length: rank }, (_, axis) => axis);
	};
}

function count(x: Tensor, axes: readonly number[]): number {
	return sizeOf(axes.map((axis) => x.shape[axis] as number));
}

export const reduceSum = reduction({
	forward: (tf, x, axes) => tf.sum(x, axes, true),
	derivative: () => 1,
});

export const reduceMean = reduction({
	forward: (tf, x, axes) => tf.mean(x, axes, true),
	derivative: (_tf, x, _y, axes) => 1 / count(x, axes),
});

/** Equal extremes share the gradient, as torch.amax's do. */
function extreme(choose: Rule["forward"]): Operator {
	return reduction({
		forward: choose,
		derivative(tf, x, y, axes) {
			const hits = tf.cast(tf.equal(x, y), "float32");
			return tf.div(hits, tf.sum(hits, axes, true));
		},
	});
}

export const reduceMax = extreme((tf, x, axes) => tf.max(x, axes, true));
export const reduceMin = extreme((tf, x, axes) => tf.min(x, axes, true));

export const reduceL1 = reduction({
	forward: (tf, x, axes) => tf.sum(tf.abs(x), axes, true),
	derivative: (tf, x) => tf.sign(x),
});

/** √Σx²; derivative 0 where that is 0, as torch.norm's. */
export const reduceL2 = reduction({
	forward: (tf, x, axes) => tf.sqrt(tf.sum(tf.square(x), axes, true)),
	derivative: (tf, x, y) => tf.div(x, tf.maximum(y, 1e-30)),
});

export const reduceSumSquare = reduction({
	forward: (tf, x, axes) => tf.sum(tf.square(x), axes, true),
	derivative: (tf, x) => tf.mul(x, 2),
});

export const reduceLogSum = reduction({
	forward: (tf, x, axes) => tf.log(tf.sum(x, axes, true)),
	derivative: (tf, _x, y) => tf.exp(tf.neg(y)),
});

/** log Σ exp(x), with the largest taken out first. */
export const reduceLogSumExp = reduction({
	forward(tf, x, axes) {
		const top = tf.max(x, axes, true);
		return tf.add(tf.log(tf.sum(tf.exp(tf.sub(x, top)), axes, true)), top);
	},
	derivative: (tf, x, y) => tf.exp(tf.sub(x, y)),
});
