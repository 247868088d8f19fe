import { sizeOf } from "../../src/model/dtypes.ts";
import type { Graph, Tensor } from "../../src/model/types.ts";

/** Weights and photos that golden/make_vgg.py and golden/make_zoo.py compute too. */

/** The same numbers as their `formula`: in [-0.5, 0.5). */
function formula(count: number, number: number): Float64Array {
	const key = Math.imul(number, 40503);
	const values = new Float64Array(count);
	for (let i = 0; i < count; i++) {
		let v = Math.imul(i, 2654435761) ^ key;
		v ^= v >>> 15;
		v = Math.imul(v, 2246822519);
		v ^= v >>> 13;
		values[i] = (v >>> 0) / 2 ** 32 - 0.5;
	}
	return values;
}

/** The same numbers as their `value`: they keep their size from layer to layer. */
export function value(
	name: string,
	shape: readonly number[],
	number: number,
): Tensor {
	const x = formula(sizeOf(shape), number);
	const scale = Math.sqrt(24 / sizeOf(shape.slice(1)));
	const data = new Float32Array(x.length);
	for (let i = 0; i < data.length; i++) {
		const v = x[i] ?? 0;
		if (shape.length > 1) data[i] = v * scale;
		else data[i] = /weight|running_var/.test(name) ? 1 + 0.2 * v : 0.2 * v;
	}
	return { dtype: "float32", shape, data };
}

/** Names and shapes of what a network learns and counts, by name. */
export function parameters(
	graph: Graph,
): readonly (readonly [string, readonly number[]])[] {
	return graph.initializers
		.filter(({ values }) => !values)
		.map(({ name, shape }) => [name, shape] as const)
		.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A value for each of them, numbered in this order. */
export function weightsOf(graph: Graph): Map<string, Tensor> {
	return new Map(
		parameters(graph).map(([name, shape], number) => [
			name,
			value(name, shape, number),
		]),
	);
}

/** sin(i) for the i-th number of a photo. */
export function photo(dims: readonly number[]): Float32Array {
	return Float32Array.from({ length: sizeOf(dims) }, (_, i) => Math.sin(i));
}
