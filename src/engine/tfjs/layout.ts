import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../backend.ts";
import { isNative } from "./kernels/executor.ts";
import type { OperatorEntry } from "./operator.ts";

/**
 * Which order the dimensions of maps are in.
 *
 *   x (ONNX) ─ transpose ─ Conv ─ Relu ─ MaxPool ─ … ─ Conv ─ transpose ─ Flatten ─ Gemm
 *                          └──────── NHWC, as tfjs computes fastest ──┘
 *
 * A value keeps the order in which its operator left it, and is turned when another asks for the other one; then
 * both are kept for those that come after. Nothing but tensors of rank 4 has two orders.
 */
export interface Value {
	/** Rank 4: [n, h, w, c] where `nhwc`, else ONNX's. */
	readonly tensor: Tensor;
	readonly nhwc: boolean;
	/** A weight or constant rather than something computed. */
	readonly initializer: boolean;
	/** The same in the other order, once somebody asked. */
	turned?: Tensor;
}

/** What an operator is given for one of its inputs. */
export interface Arranged {
	readonly tensor: Tensor;
	/** From the gradient by what was given to the gradient by the value, in the value's own order. */
	readonly back: ((tf: Tf, gradient: Tensor) => Tensor) | undefined;
}

const TO_NHWC = [0, 2, 3, 1] as const;
const TO_ONNX = [0, 3, 1, 2] as const;

/** [n, c, h, w] → [n, h, w, c]; where one of the moved dimensions has size 1 no number moves. */
export function toNhwc(tf: Tf, x: Tensor): Tensor {
	return permute(tf, x, TO_NHWC);
}

/** [n, h, w, c] → [n, c, h, w]. */
export function toOnnx(tf: Tf, x: Tensor): Tensor {
	return permute(tf, x, TO_ONNX);
}

function permute(tf: Tf, x: Tensor, order: readonly number[]): Tensor {
	const [, a = 0, b = 0, c = 0] = x.shape;
	const stays =
		order === TO_NHWC ? a === 1 || b * c === 1 : c === 1 || a * b === 1;
	const turned = order.map((axis) => x.shape[axis] as number);
	if (stays) return tf.reshape(x, turned);
	// TensorFlow turns matrices half again as fast; wasm takes twice as long for them.
	if (!isNative(tf)) return tf.transpose(x, [...order]);
	const [rows, columns] = order === TO_NHWC ? [a, b * c] : [a * b, c];
	return tf.tidy(() => {
		const matrices = tf.reshape(x, [x.shape[0] as number, rows, columns]);
		return tf.reshape(tf.transpose(matrices, [0, 2, 1]), turned);
	});
}

/** The value in the order that is asked for. */
export function inOrder(tf: Tf, value: Value, nhwc: boolean): Arranged {
	const { tensor } = value;
	if (value.nhwc === nhwc || tensor.shape.length !== 4)
		return { tensor, back: undefined };
	value.turned ??= nhwc ? toNhwc(tf, tensor) : toOnnx(tf, tensor);
	return { tensor: value.turned, back: nhwc ? toOnnx : toNhwc };
}

/** The order in which a node with these inputs takes and gives its maps. */
export function orderOf(
	entry: OperatorEntry,
	inputs: readonly (Value | undefined)[],
): boolean {
	if (typeof entry === "function") return false;
	if (entry.order === "nhwc") return true;
	const computed = inputs.filter(
		(value): value is Value => value !== undefined && !value.initializer,
	);
	if (computed.some(({ tensor }) => tensor.shape.length > 4)) return false;
	let largest: Value | undefined;
	for (const value of computed)
		if (value.nhwc || value.tensor.shape.length === 4)
			if (!largest || value.tensor.size > largest.tensor.size) largest = value;
	return largest?.nhwc ?? false;
}

/** The inputs as the operator takes them. */
export function arrange(
	tf: Tf,
	entry: OperatorEntry,
	nhwc: boolean,
	inputs: readonly (Value | undefined)[],
): readonly (Arranged | undefined)[] {
	const order = typeof entry === "function" ? "onnx" : entry.order;
	return inputs.map((value, index) => {
		if (value === undefined) return undefined;
		if (order === "nhwc" && index > 0)
			return value.initializer
				? { tensor: value.tensor, back: undefined }
				: inOrder(tf, value, false);
		if (order === "same" && nhwc && value.tensor.size > 1)
			return raised(tf, value);
		return inOrder(tf, value, nhwc);
	});
}

/** Of rank 4 and NHWC, so that it broadcasts as numpy would have it in ONNX's order. */
function raised(tf: Tf, value: Value): Arranged {
	const { tensor } = value;
	const { shape } = tensor;
	if (shape.length >= 4) return inOrder(tf, value, true);
	const whole = [...Array(4 - shape.length).fill(1), ...shape];
	return {
		tensor: toNhwc(tf, tf.reshape(tensor, whole)),
		back: (tf, gradient) => tf.reshape(toOnnx(tf, gradient), shape),
	};
}

/** Where an ONNX axis lies in a tensor that an operator is given; see NodeView.axis. */
export function axisIn(nhwc: boolean): (axis: number, rank: number) => number {
	return (axis, rank) => {
		const from = axis < 0 ? axis + rank : axis;
		return nhwc && rank === 4 ? TO_NHWC.indexOf(from as 0) : from;
	};
}
