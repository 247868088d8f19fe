import { FLOAT } from "../builder.ts";
import {
	axisOf,
	type Convert,
	made,
	numbersOf,
	type Place,
	Refusal,
} from "../place.ts";

/** Operators that change shapes and order, and no values. The batch's size is known when the network runs: -1 till then. */

/** Reshape, Flatten, Squeeze, Unsqueeze: the result's shape says all. */
export const reshape: Convert = (place) => {
	const { net, node } = place;
	const x = place.input(0);
	const shape = place.shape();
	const target = targetOf(place);
	const name = net.add("Reshape", node.layer, [
		net.inOrder(x, false),
		net.ints(target),
	]);
	return made(name, shape, false, x.isPositive);
};

function targetOf(place: Place): readonly number[] {
	const shape = place.shape();
	if (shape.filter((size) => size === -1).length > 1)
		throw new Refusal("makes two dimensions that grow with the batch");
	return shape;
}

const TO_NHWC = [0, 2, 3, 1] as const;

/** A turn from one order of a map to the other moves nothing. */
export const transpose: Convert = (place) => {
	const { net, node } = place;
	const x = place.input(0);
	const shape = place.shape();
	const perm = place.ints("perm") ?? x.shape.map((_, axis) => axis).reverse();
	const moves = perm.map((axis) => axisOf(axis, x));
	const isStill = (order: readonly number[]) =>
		order.every((axis, at) => axis === at);
	if (isStill(moves)) return made(x.node, shape, false, x.isPositive);
	const toNhwc = TO_NHWC.map((axis) => moves[axis] as number);
	if (moves.length === 4 && isStill(toNhwc))
		return made(x.node, shape, true, x.isPositive);
	const name = net.add("Transpose", node.layer, [x.node, net.ints(moves)]);
	return made(name, shape, false, x.isPositive);
};

/** Repeated to a shape that grows with the batch by what is computed from the photos anyway. */
export const expand: Convert = (place) => {
	const { net, node } = place;
	const x = place.input(0);
	const shape = place.shape();
	const lead = shape.length - x.shape.length;
	const whole = [...Array(lead).fill(1), ...x.shape];
	const growing = shape.findIndex(
		(size, axis) => size === -1 && whole[axis] !== -1,
	);
	let held = net.inOrder(x, false);
	if (lead > 0) held = net.add("Reshape", node.layer, [held, net.ints(whole)]);
	if (growing === -1 && !shape.includes(-1))
		return made(
			net.add("BroadcastTo", node.layer, [held, net.ints(shape)]),
			shape,
		);
	const repeats = shape.map((size, axis) =>
		size === -1 || whole[axis] === size ? 1 : size,
	);
	if (growing === -1)
		return made(net.add("Tile", node.layer, [held, net.ints(repeats)]), shape);
	// The batch's size: as many as there are photos.
	const sizes = net.add("Shape", `${node.layer}/pixels`, [
		net.nodes[0]?.name ?? "",
	]);
	const batch = net.add("Slice", `${node.layer}/batch`, [
		...[sizes, net.ints([0]), net.ints([1])],
	]);
	const parts = [
		net.ints(repeats.slice(0, growing)),
		batch,
		net.ints(repeats.slice(growing + 1)),
	].filter(
		(_, at) =>
			at === 1 || (at === 0 ? growing > 0 : growing + 1 < shape.length),
	);
	const counts =
		parts.length === 1
			? batch
			: net.add("ConcatV2", `${node.layer}/repeats`, [...parts, net.int(0)], {
					T: { type: "DT_INT32" },
					N: { i: String(parts.length) },
				});
	return made(net.add("Tile", node.layer, [held, counts]), shape);
};

/** Each dimension repeated as a whole. */
export const tile: Convert = (place) => {
	const x = place.input(0);
	const repeats = numbersOf(place, 1) ?? [];
	const { net, node } = place;
	const inputs = [net.inOrder(x, false), net.ints(repeats)];
	return made(net.add("Tile", node.layer, inputs), place.shape());
};

/** [n, c, h, w] ⇒ blocks; tfjs's is ONNX's DCR on NHWC. */
export const depthToSpace: Convert = (place) => {
	const { net, node } = place;
	if ((node.attributes.mode ?? "DCR") !== "DCR")
		throw new Refusal("is in the mode CRD, and tfjs knows DCR");
	const name = net.add(
		"DepthToSpace",
		node.layer,
		[net.inOrder(place.input(0), true)],
		{
			...{ T: FLOAT, block_size: { i: String(place.number("blocksize", 1)) } },
			data_format: { s: Buffer.from("NHWC").toString("base64") },
		},
	);
	return made(name, place.shape(), true);
};
