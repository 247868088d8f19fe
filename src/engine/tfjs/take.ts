import type { Tensor } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../model/dtypes.ts";
import type { Tf } from "../backend.ts";

/** Elements along one axis by their places, and the way back. */

/** x at these places of the axis: [.., k, ..]. Neighbours in rising order are a slice. */
export function take(
	tf: Tf,
	x: Tensor,
	axis: number,
	places: readonly number[],
): Tensor {
	if (isRun(places)) {
		const begin = x.shape.map(() => 0);
		const size = [...x.shape];
		begin[axis] = places[0] ?? 0;
		size[axis] = places.length;
		return tf.slice(x, begin, size);
	}
	return tf.gather(x, tf.tensor1d([...places], "int32"), axis);
}

/** The gradient of `take`: what was taken twice adds up. `size`: of the axis before. */
export function untake(
	tf: Tf,
	g: Tensor,
	axis: number,
	places: readonly number[],
	size: number,
): Tensor {
	if (isRun(places)) {
		const first = places[0] ?? 0;
		const pads = g.shape.map((): [number, number] => [0, 0]);
		pads[axis] = [first, size - first - places.length];
		return tf.pad(g, pads);
	}
	const inverse = inverseOf(places, size);
	if (inverse) return take(tf, g, axis, inverse);
	const before = sizeOf(g.shape.slice(0, axis));
	const after = sizeOf(g.shape.slice(axis + 1));
	const columns = tf.reshape(
		tf.transpose(tf.reshape(g, [before, places.length, after]), [1, 0, 2]),
		[places.length, before * after],
	);
	const indices = tf.tensor2d([...places], [places.length, 1], "int32");
	const summed = tf.scatterND(indices, columns, [size, before * after]);
	const back = tf.transpose(
		tf.reshape(summed, [size, before, after]),
		[1, 0, 2],
	);
	const shape = [...g.shape];
	shape[axis] = size;
	return tf.reshape(back, shape);
}

function isRun(places: readonly number[]): boolean {
	return places.every((place, index) => place === (places[0] ?? 0) + index);
}

/** Of a permutation of the whole axis; undefined for anything else. */
function inverseOf(
	places: readonly number[],
	size: number,
): readonly number[] | undefined {
	if (places.length !== size) return undefined;
	const inverse = new Array<number>(size).fill(-1);
	places.forEach((place, index) => {
		inverse[place] = index;
	});
	return inverse.includes(-1) ? undefined : inverse;
}
