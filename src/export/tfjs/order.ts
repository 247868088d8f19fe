import { reshaped } from "./constants.ts";
import type { Place } from "./place.ts";
import type { Value } from "./types.ts";

/** The order in which a node that takes maps in either order computes: that of its largest computed input. */
export function orderOf(values: readonly Value[]): boolean {
	const computed = values.filter(({ constant }) => constant === undefined);
	if (computed.some(({ shape }) => shape.length > 4)) return false;
	let largest: Value | undefined;
	const sizeOf = ({ shape }: Value) =>
		shape.reduce((size, dim) => size * (dim === -1 ? 2 : dim), 1);
	for (const value of computed)
		if (value.shape.length === 4)
			if (!largest || sizeOf(value) > sizeOf(largest)) largest = value;
	return largest?.nhwc ?? false;
}

/** The node of a value in this order, raised to rank 4 so that it broadcasts there as numpy would have it in ONNX's. */
export function raised({ net }: Place, value: Value, nhwc: boolean): string {
	const { shape, constant } = value;
	if (!nhwc || shape.length >= 4) return net.inOrder(value, nhwc);
	const size = shape.reduce((product, dim) => product * dim, 1);
	if (size === 1 && shape.length === 0) return net.inOrder(value, false);
	const whole = [...Array(4 - shape.length).fill(1), ...shape];
	if (constant !== undefined)
		return net.inOrder(
			{ ...value, shape: whole, constant: reshaped(constant, whole) },
			true,
		);
	const wide = net.add("Reshape", `${value.node}/raised`, [
		value.node,
		net.ints(whole),
	]);
	return net.inOrder({ ...value, node: wide, shape: whole }, true);
}
