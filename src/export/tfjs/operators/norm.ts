import { FLOAT } from "../builder.ts";
import { floats, reshaped } from "../constants.ts";
import { type Convert, made, type Place, Refusal } from "../place.ts";
import type { Constant } from "../types.ts";

/** Normalisations. */

function constantInput(place: Place, index: number): Constant {
	const { constant } = place.input(index);
	if (constant === undefined)
		throw new Refusal("has statistics that are computed from the photos");
	return constant;
}

/** With fixed statistics: one factor and one summand a channel. */
export const batchNormalization: Convert = (place) => {
	const { net, node } = place;
	const x = place.input(0);
	if (place.number("training_mode", 0) !== 0)
		throw new Refusal("takes its statistics from the batch (training_mode)");
	const [gamma, beta, mean, variance] = [1, 2, 3, 4].map(
		(index) => constantInput(place, index).data,
	);
	const epsilon = place.number("epsilon", 1e-5);
	const isMap = x.shape.length === 4;
	const c = x.shape[1] as number;
	const factors = new Float32Array(c);
	const summands = new Float32Array(c);
	for (let at = 0; at < c; at++) {
		const factor =
			Number(gamma?.[at]) / Math.sqrt(Number(variance?.[at]) + epsilon);
		factors[at] = factor;
		summands[at] = Number(beta?.[at]) - Number(mean?.[at]) * factor;
	}
	// Along the last axis of NHWC, or the second.
	const shape = isMap ? [c] : [c, ...x.shape.slice(2).map(() => 1)];
	const held = net.inOrder(x, isMap);
	const scaled = net.add("Mul", `${node.layer}/scaled`, [
		held,
		net.constant(floats(shape, factors), `${node.layer}/scale`),
	]);
	const name = net.add("AddV2", node.layer, [
		scaled,
		net.constant(floats(shape, summands), `${node.layer}/shift`),
	]);
	return made(name, place.shape(), isMap);
};

/** Over the dimensions from `axis` on. */
export const layerNormalization: Convert = (place) => {
	const { net, node } = place;
	const x = place.input(0);
	const rank = x.shape.length;
	const wished = place.number("axis", -1);
	const axis = wished < 0 ? wished + rank : wished;
	const axes = net.ints(x.shape.map((_, at) => at).slice(axis));
	const held = net.inOrder(x, false);
	const wide = x.shape.slice(axis);
	const constant = (index: number, word: string) =>
		net.constant(
			reshaped(constantInput(place, index), wide),
			`${node.layer}/${word}`,
		);
	const normed = standardized(place, held, axes, place.number("epsilon", 1e-5));
	const scaled = net.add("Mul", `${node.layer}/scaled`, [
		normed,
		constant(1, "weight"),
	]);
	const name =
		place.given(2) === undefined
			? scaled
			: net.add("AddV2", node.layer, [scaled, constant(2, "bias")]);
	return made(name, place.shape());
};

/** (x - mean) / √(variance + ε) over these axes. */
function standardized(
	{ net, node }: Place,
	x: string,
	axes: string,
	epsilon: number,
): string {
	const step = (op: string, word: string, inputs: readonly string[]) =>
		net.add(
			op,
			`${node.layer}/${word}`,
			inputs,
			op === "Mean" ? { T: FLOAT, keep_dims: { b: true } } : { T: FLOAT },
		);
	const centred = step("Sub", "centred", [x, step("Mean", "mean", [x, axes])]);
	const square = step("Square", "square", [centred]);
	const variance = step("Mean", "variance", [square, axes]);
	const moved = step("AddV2", "moved", [variance, net.float(epsilon)]);
	const factor = step("Rsqrt", "factor", [moved]);
	return step("Mul", "normed", [centred, factor]);
}

/** Each channel, or each group of channels, by itself; scale and bias a channel. */
export const groupNormalization: Convert = (place) => {
	const { net, node } = place;
	const x = place.input(0);
	const [, c = 1, ...rest] = x.shape;
	const groups =
		node.op === "InstanceNormalization" ? c : place.number("num_groups", 1);
	const area = rest.reduce((product, size) => product * size, c / groups);
	const parts = constantInput(place, 1).data.length;
	const step = (op: string, word: string, inputs: readonly string[]) =>
		net.add(op, `${node.layer}/${word}`, inputs);
	const constant = (index: number, word: string) =>
		net.constant(
			reshaped(constantInput(place, index), [parts, 1]),
			`${node.layer}/${word}`,
		);
	const rows = step("Reshape", "rows", [
		net.inOrder(x, false),
		net.ints([-1, groups, area]),
	]);
	const epsilon = place.number("epsilon", 1e-5);
	const normed = standardized(place, rows, net.ints([2]), epsilon);
	const apart = step("Reshape", "apart", [
		normed,
		net.ints([-1, parts, (area * groups) / parts]),
	]);
	const scaled = step("Mul", "scaled", [apart, constant(1, "weight")]);
	const moved = step("AddV2", "shifted", [scaled, constant(2, "bias")]);
	const name = step("Reshape", "map", [moved, net.ints(place.shape())]);
	return made(name, place.shape());
};

/** Across `size` neighbouring channels. */
export const lrn: Convert = (place) => {
	const { net, node } = place;
	const size = place.number("size", 1);
	if (size % 2 === 0)
		throw new Refusal(
			"looks at an even number of channels, tfjs at an odd one",
		);
	const name = net.add("LRN", node.layer, [net.inOrder(place.input(0), true)], {
		T: FLOAT,
		depth_radius: { i: String((size - 1) / 2) },
		bias: { f: place.number("bias", 1) },
		alpha: { f: place.number("alpha", 1e-4) / size },
		beta: { f: place.number("beta", 0.75) },
	});
	return made(name, place.shape(), true);
};

/** tfjs's runs along the last axis. */
export function softmax(op: "Softmax" | "LogSoftmax"): Convert {
	return (place) => {
		const { net, node, opset } = place;
		const x = place.input(0);
		const rank = x.shape.length;
		const isOld = opset < 13;
		const wished = place.number("axis", isOld ? 1 : -1);
		const axis = wished < 0 ? wished + rank : wished;
		if (isOld && axis !== rank - 1)
			throw new Refusal("runs along several axes at once (opset below 13)");
		const perm = x.shape.map((_, at) => at);
		perm.push(...perm.splice(axis, 1));
		const isLast = axis === rank - 1;
		const held = net.inOrder(x, false);
		const input = isLast
			? held
			: net.add("Transpose", `${node.layer}/turned`, [held, net.ints(perm)]);
		const name = net.add(op, node.layer, [input]);
		if (isLast) return made(name, place.shape());
		const back = perm.map((_, at) => perm.indexOf(at));
		return made(
			net.add("Transpose", `${node.layer}/back`, [name, net.ints(back)]),
			place.shape(),
		);
	};
}
