import type { Weights } from "../../model/types.ts";
import { activate, backThrough } from "./activations.ts";
import type { Kernel, Matrix } from "./kernel/kernel.ts";
import type { Scratch } from "./scratch.ts";
import type { Head, HeadLayer } from "./stack-key.ts";

/**
 * A head whose numbers lie in the kernel's memory, forward and backward.
 *
 *   xT [d, n] ─ product ─ + bias ─ activation ─→ [h, n] ─ product ─ + bias ─→ outputs [n, k]
 *                                                                           │ loss
 *   gradient of w = outer(x, g)   ←─  g [h, n]  ←─ productTransposed ─ g [k, n] gradient
 *
 * Between the layers the photos lie side by side, so that what one product gives the next one takes.
 */
export interface OpenHead {
	readonly logSoftmax: boolean;
	readonly layers: readonly OpenLayer[];
}

/** One Linear layer. */
export interface OpenLayer extends Pick<HeadLayer, "activation"> {
	/** [out, in] */
	readonly weight: Parameter;
	/** [1, out] */
	readonly bias: Parameter | undefined;
}

/** What learns. */
export interface Parameter {
	readonly name: string;
	readonly value: Matrix;
}

/** Photos that go through a head: n of them, `x` one a row, `turned` one a column. */
export interface Batch {
	readonly rows: number;
	readonly x: Matrix;
	readonly turned: Matrix;
}

/** Copies a head's weights into the kernel. */
export function openHead(
	kernel: Kernel,
	head: Head,
	weights: Weights,
): OpenHead {
	function parameter(name: string, rows: number, columns: number): Parameter {
		const tensor = weights.get(name);
		if (!tensor) throw new Error(`internal: no values for "${name}"`);
		const value = kernel.matrix(rows, columns);
		for (let row = 0; row < rows; row++)
			for (let column = 0; column < columns; column++)
				value.data[row * value.stride + column] = Number(
					tensor.data[row * columns + column],
				);
		return { name, value };
	}

	return {
		logSoftmax: head.logSoftmax,
		layers: head.layers.map(
			({ weight, bias, inFeatures, outFeatures, activation }) => ({
				weight: parameter(weight, outFeatures, inFeatures),
				bias: bias === undefined ? undefined : parameter(bias, 1, outFeatures),
				activation,
			}),
		),
	};
}

/** Writes the head's outputs for a batch to float32 [n, k]. */
export function forward(
	kernel: Kernel,
	head: OpenHead,
	scratch: Scratch,
	batch: Batch,
	outputs: Float32Array,
): void {
	const last = head.layers.length - 1;
	let turned = batch.turned;
	for (let index = 0; index <= last; index++) {
		const { weight, bias, activation } = head.layers[index];
		const { sums } = scratch.layers[index];
		kernel.product(turned, weight.value, batch.rows, sums);
		if (index === last && activation === undefined)
			writeOut(sums, bias?.value, batch.rows, outputs);
		else {
			addBias(sums, bias?.value, batch.rows);
			if (activation) activate(activation, sums, batch.rows);
		}
		turned = sums;
	}
	if (head.layers[last].activation)
		writeOut(turned, undefined, batch.rows, outputs);
	if (head.logSoftmax) logSoftmax(outputs, turned.rows);
}

/** In place. */
function addBias(
	{ data, rows, stride }: Matrix,
	bias: Matrix | undefined,
	photos: number,
): void {
	if (bias === undefined) return;
	for (let out = 0; out < rows; out++) {
		const b = bias.data[out];
		const end = out * stride + photos;
		for (let at = out * stride; at < end; at++) data[at] += b;
	}
}

/** [k, n] plus bias → [n, k]. */
function writeOut(
	{ data, rows, stride }: Matrix,
	bias: Matrix | undefined,
	photos: number,
	outputs: Float32Array,
): void {
	for (let out = 0; out < rows; out++) {
		const b = bias === undefined ? 0 : bias.data[out];
		const start = out * stride;
		let to = out;
		for (let row = 0; row < photos; row++) {
			outputs[to] = data[start + row] + b;
			to += rows;
		}
	}
}

/** x - max - log Σ exp(x - max), float32 after each operation as in the graph that trains alone. */
function logSoftmax(outputs: Float32Array, classes: number): void {
	const { fround } = Math;
	for (let start = 0; start < outputs.length; start += classes) {
		const row = outputs.subarray(start, start + classes);
		let largest = row[0];
		for (const value of row) if (value > largest) largest = value;
		let sum = 0;
		for (let column = 0; column < classes; column++) {
			row[column] -= largest;
			sum = fround(sum + fround(Math.exp(row[column])));
		}
		const log = fround(Math.log(sum));
		for (let column = 0; column < classes; column++) row[column] -= log;
	}
}

/**
 * Gradients of all parameters into `scratch`, after `forward` of the same batch.
 * @param gradient of the loss by the outputs, float32 [n, k]
 */
export function backward(
	kernel: Kernel,
	head: OpenHead,
	scratch: Scratch,
	batch: Batch,
	outputs: Float32Array,
	gradient: Float32Array,
): void {
	const { layers } = scratch;
	const last = layers.length - 1;
	const { upstream } = layers[last];
	const classes = upstream.rows;
	if (head.logSoftmax) backThroughLogSoftmax(outputs, gradient, classes);
	for (let column = 0; column < classes; column++)
		for (let row = 0; row < batch.rows; row++)
			upstream.data[column * upstream.stride + row] =
				gradient[row * classes + column];
	for (let index = last; index >= 0; index--) {
		const layer = layers[index];
		const { weight, bias, activation } = head.layers[index];
		if (activation)
			backThrough(activation, layer.upstream, layer.sums, batch.rows);
		if (layer.bias && bias) sumRows(layer.upstream, batch.rows, layer.bias);
		const before = layers[index - 1];
		if (before === undefined) {
			kernel.outer(batch.x, layer.upstream, batch.rows, layer.weight);
			continue;
		}
		if (before.turned === undefined) throw new Error("internal: no room");
		const { sums, turned } = before;
		kernel.transpose(sums, sums.rows, batch.rows, turned);
		kernel.outer(turned, layer.upstream, batch.rows, layer.weight);
		kernel.productTransposed(
			layer.upstream,
			weight.value,
			batch.rows,
			before.upstream,
		);
	}
}

/** g - exp(y) · Σ g, in place. */
function backThroughLogSoftmax(
	outputs: Float32Array,
	gradient: Float32Array,
	classes: number,
): void {
	const { fround } = Math;
	for (let start = 0; start < gradient.length; start += classes) {
		let sum = 0;
		for (let column = 0; column < classes; column++)
			sum = fround(sum + gradient[start + column]);
		for (let column = 0; column < classes; column++)
			gradient[start + column] -= fround(
				fround(Math.exp(outputs[start + column])) * sum,
			);
	}
}

/** Sums over the photos, one term after the other in float32. */
function sumRows(
	{ data, rows, stride }: Matrix,
	photos: number,
	target: Matrix,
): void {
	for (let out = 0; out < rows; out++) {
		let sum = 0;
		for (let row = 0; row < photos; row++)
			sum = Math.fround(sum + data[out * stride + row]);
		target.data[out] = sum;
	}
}

/** The numbers of a matrix without what lies between its rows. */
export function valuesOf({
	data,
	rows,
	columns,
	stride,
}: Matrix): Float32Array {
	const values = new Float32Array(rows * columns);
	for (let row = 0; row < rows; row++)
		values.set(
			data.subarray(row * stride, row * stride + columns),
			row * columns,
		);
	return values;
}
