import {
	resizeMatrix,
	resizeRule,
} from "../../../engine/tfjs/resize-weights.ts";
import { sizeOf } from "../../../model/dtypes.ts";
import { FLOAT } from "../builder.ts";
import { floats } from "../constants.ts";
import { type Convert, made, numbersOf, type Place } from "../place.ts";
import type { Constant } from "../types.ts";

/** Resize and Upsample, one axis after the other, each a product with a matrix of the weights (engine/tfjs/resize.ts). */
interface Step {
	readonly axis: number;
	/** float32 [to, from] */
	readonly matrix: Constant;
}

function stepsOf(place: Place, from: readonly number[]): readonly Step[] {
	const rule = resizeRule(place.node);
	const scales = numbersOf(place, place.node.op === "Upsample" ? 1 : 2);
	const axes = place.ints("axes") ?? from.map((_, axis) => axis);
	const target = place.shape();
	return axes.flatMap((given, index) => {
		const axis = given < 0 ? given + from.length : given;
		const [size, to] = [from[axis] as number, target[axis] as number];
		if (to === size) return [];
		const scale = scales?.length ? (scales[index] as number) : to / size;
		const matrix = floats([to, size], resizeMatrix(size, to, scale, rule));
		return [{ axis, matrix }];
	});
}

/** A constant resized: learnt places of a transformer for pictures of another size. */
export function resizedConstant(place: Place, x: Constant): Constant {
	return stepsOf(place, x.shape).reduce((y, { axis, matrix }) => {
		const before = sizeOf(y.shape.slice(0, axis));
		const after = sizeOf(y.shape.slice(axis + 1));
		const [to = 0, from = 0] = matrix.shape;
		const shape = y.shape.map((size, at) => (at === axis ? to : size));
		const data = new Float32Array(sizeOf(shape));
		for (let b = 0; b < before; b++)
			for (let t = 0; t < to; t++)
				for (let a = 0; a < after; a++) {
					let sum = 0;
					for (let f = 0; f < from; f++)
						sum +=
							(matrix.data[t * from + f] as number) *
							(y.data[(b * from + f) * after + a] as number);
					data[(b * to + t) * after + a] = sum;
				}
		return floats(shape, data);
	}, x);
}

export const resize: Convert = (place) => {
	const { net, node } = place;
	const x = place.input(0);
	let shape = x.shape;
	let name = net.inOrder(x, false);
	for (const { axis, matrix } of stepsOf(place, x.shape)) {
		const after = sizeOf(shape.slice(axis + 1));
		const planes = net.add("Reshape", `${node.layer}/planes`, [
			name,
			net.ints([-1, shape[axis] as number, after]),
		]);
		const weights = net.constant(
			{ ...matrix, shape: [1, ...matrix.shape] } as Constant,
			`${node.layer}/weights`,
		);
		const product = net.add("BatchMatMulV2", node.layer, [weights, planes], {
			...{ T: FLOAT, adj_x: { b: false }, adj_y: { b: false } },
		});
		shape = shape.map((size, at) =>
			at === axis ? (matrix.shape[0] as number) : size,
		);
		name = net.add("Reshape", node.layer, [product, net.ints(shape)]);
	}
	return made(name, shape);
};
