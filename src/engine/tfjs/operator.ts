import type { Tensor } from "@tensorflow/tfjs-core";
import type { Attribute, GraphNode } from "../../model/types.ts";
import type { Tf } from "../backend.ts";
import type { Holding } from "./holding.ts";

/**
 * One ONNX operator as a pair of tfjs functions, forward and backward.
 *
 * Graft differentiates by itself rather than through tfjs's tape: no gradient functions to load, no
 * tensors kept that the gradient does not need, and on wasm the transposes where they are fast.
 */

/** What a random or training-only operator needs to know of the moment. */
export interface Step {
	readonly training: boolean;
	readonly seed: number;
	/** Optimizer steps taken before this one. */
	readonly step: number;
	/** Of a batch in parts: photos in the parts before, and in this one. Undefined: it is whole. */
	readonly part?: { readonly before: number; readonly photos: number };
}

/** An operator's result for one batch, and how to go back. */
export interface Applied {
	readonly output: Tensor;
	/** Outputs 1 … of a node that has several. */
	readonly others?: readonly Tensor[];
	/** Which inputs and outputs `gradient` reads, so that the others need not stay; all of them unless it says so. */
	readonly keeps?: readonly Tensor[];
	/**
	 * From the gradient of the loss by `output` (same shape) to those by each input; undefined where not wanted.
	 * `others` are the gradients by outputs 1 …, undefined where nothing that counts reads them; where only they have
	 * one, `upstream` is zeros. Called at most once, within the same tf.tidy.
	 */
	readonly gradient: (
		upstream: Tensor,
		wanted: readonly boolean[],
		others: readonly (Tensor | undefined)[],
	) => readonly (Tensor | undefined)[];
}

/** Inputs in the node's order; undefined where an optional one is left out. */
export type Apply = (
	inputs: readonly (Tensor | undefined)[],
	step: Step,
) => Applied;

/** A node as its operator sees it when the graph is compiled. */
export interface NodeView {
	readonly node: GraphNode;
	readonly opset: number;
	readonly number: (attribute: string, otherwise: number) => number;
	/** An attribute that is a list of numbers. */
	readonly ints: (attribute: string) => readonly number[] | undefined;
	/** Values of an input that is a constant of the structure, row-major. */
	readonly constant: (input: number) => readonly number[] | undefined;
	/** The transpose of a frozen rank-2 input, made once; undefined where the input learns or is computed. */
	readonly transposed: (input: number) => Tensor | undefined;
	/** The shape of an input that is an initializer, in ONNX's order. */
	readonly shape: (input: number) => readonly number[] | undefined;
	/** Whether an input is an initializer that training changes in no way. */
	readonly isFixed: (input: number) => boolean;
	/** What is computed from fixed inputs alone: made once, under a key of this node's own. */
	readonly derived: (key: string, make: () => Tensor) => Tensor;
	/**
	 * Has an initializer held in another order, so that it arrives and its gradient leaves so: true where that can be,
	 * which is where every node that reads it asks for the same.
	 */
	readonly hold: (
		input: number,
		holding: (shape: readonly number[]) => Holding | undefined,
	) => boolean;
	/** Sets a running statistic that training changes; undefined for any other input. */
	readonly buffer: (input: number) => ((value: Tensor) => void) | undefined;
	/** Where ONNX's axis (negative ones count from the end) of a tensor of this rank lies in what the operator is given. */
	readonly axis: (axis: number, rank: number) => number;
}

/** Prepares a node once, without making tensors of its own; what it returns runs each step, within a tf.tidy. */
export type Operator = (tf: Tf, view: NodeView) => Apply;

/**
 * An operator, and the order of the dimensions in which it takes and gives maps. Alone: ONNX's, [n, c, h, w].
 *
 * - "nhwc": input 0 arrives, and each output of rank 4 leaves, as [n, h, w, c]; the other inputs are in ONNX's order.
 * - "same": element by element; all inputs of rank 4 arrive in one order, either one, inputs of lower rank fit for
 *   broadcasting to it, and the outputs leave in it.
 * - "axes": as "same" for operators with axes; `view.axis` says where an ONNX axis lies.
 */
export type OperatorEntry =
	| Operator
	| { readonly prepare: Operator; readonly order: "nhwc" | "same" | "axes" };

/** A numeric attribute, or the default. */
export function numberAttribute(
	attributes: Readonly<Record<string, Attribute>>,
	name: string,
	otherwise: number,
): number {
	const value = attributes[name];
	return typeof value === "number" ? value : otherwise;
}

/** The input at `index`, which the operator cannot do without. */
export function need(
	inputs: readonly (Tensor | undefined)[],
	index: number,
): Tensor {
	const input = inputs[index];
	if (!input) throw new Error(`internal: input ${index} is missing`);
	return input;
}

/** Undoes broadcasting: sums a gradient over the dimensions along which `shape` was repeated. */
export function sumTo(
	tf: Tf,
	gradient: Tensor,
	shape: readonly number[],
): Tensor {
	const extra = gradient.shape.length - shape.length;
	const axes = gradient.shape
		.map((_, axis) => axis)
		.filter(
			(axis) =>
				axis < extra ||
				(shape[axis - extra] === 1 && gradient.shape[axis] !== 1),
		);
	if (axes.length === 0) return gradient;
	return tf.reshape(tf.sum(gradient, axes), [...shape]);
}
