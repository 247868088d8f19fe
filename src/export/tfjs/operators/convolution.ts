import { FOLDED } from "../../../engine/tfjs/fold.ts";
import { windowsOf } from "../../../engine/tfjs/window.ts";
import { FLOAT, intList, text, textList } from "../builder.ts";
import {
	floats,
	picked,
	reshaped,
	stridesOf,
	transposed,
} from "../constants.ts";
import { ACTIVATION } from "../fuse.ts";
import { type Convert, made, type Place, Refusal } from "../place.ts";
import type { AttrDef, Constant } from "../types.ts";

/**
 * Conv → _FusedConv2D, or FusedDepthwiseConv2dNative; in groups → Split, one _FusedConv2D a group, ConcatV2. Statistics
 * of a BatchNormalization are multiplied into the filter.
 */
export const conv: Convert = (place) => {
	const { node, net } = place;
	const x = place.input(0);
	const groups = place.number("group", 1);
	if (x.shape.length !== 4)
		throw new Refusal(`moves over ${x.shape.length - 2} dimensions, not two`);
	const { filter, bias } = weightsOf(place);
	const [co = 0, ci = 0, kh = 1, kw = 1] = filter.shape;
	const isDepthwise = groups > 1 && ci === 1;
	const [, , h = 0, w = 0] = x.shape;
	const { strides, dilations, pads } = windowsOf(place)([1, h, w, 1], [kh, kw]);
	if (Math.max(...strides) > 1 && Math.max(...dilations) > 1)
		throw new Refusal("has strides and dilations, and tfjs takes one of them");
	const activation = node.attributes[ACTIVATION];
	const attr: Record<string, AttrDef> = {
		T: FLOAT,
		strides: intList([1, ...strides, 1]),
		dilations: intList([1, ...dilations, 1]),
		data_format: text("NHWC"),
		...(pads.some((pad) => pad !== 0)
			? {
					padding: text("EXPLICIT"),
					explicit_paddings: intList([0, 0, ...pads, 0, 0]),
				}
			: { padding: text("VALID") }),
		num_args: { i: "1" },
		fused_ops: textList([
			"BiasAdd",
			...(typeof activation === "string" ? [activation] : []),
		]),
	};
	const name = node.layer;
	const held = net.inOrder(x, true);
	const one = (input: string, weight: Constant, offset: Constant, at = "") =>
		net.add(
			isDepthwise ? "FusedDepthwiseConv2dNative" : "_FusedConv2D",
			`${name}${at}`,
			[
				input,
				net.constant(weight, `${name}${at}/weight`),
				net.constant(offset, `${name}${at}/bias`),
			],
			attr,
		);
	const out = (made_: string) =>
		made(made_, place.shape(), true, activation !== undefined);
	const turned = transposed(filter, [2, 3, 1, 0]);
	if (isDepthwise)
		return out(
			one(held, reshaped(turned, [kh, kw, groups, co / groups]), bias),
		);
	if (groups === 1) return out(one(held, turned, bias));
	const parts = net.add("Split", `${name}/groups`, [net.int(3), held], {
		T: FLOAT,
		num_split: { i: String(groups) },
	});
	const width = co / groups;
	const rows = [kh, kw, ci, width];
	const each = Array.from({ length: groups }, (_, group) =>
		one(
			group === 0 ? parts : `${parts}:${group}`,
			picked(turned, rows, stridesOf(turned.shape), group * width),
			picked(bias, [width], [1], group * width),
			`/group${group}`,
		),
	);
	return out(
		net.add("ConcatV2", name, [...each, net.int(3)], {
			T: FLOAT,
			N: { i: String(groups) },
		}),
	);
};

/** Filter [co, ci / groups, kh, kw] and bias [co], statistics multiplied in. */
function weightsOf(place: Place): {
	readonly filter: Constant;
	readonly bias: Constant;
} {
	const [filter, bias, gamma, beta, mean, variance] = [1, 2, 3, 4, 5, 6].map(
		(index) => {
			const value = place.given(index);
			if (value !== undefined && value.constant === undefined)
				throw new Refusal("has a filter that is computed from the photos");
			return value?.constant;
		},
	);
	if (filter === undefined)
		throw new Error("internal: a convolution has a filter");
	const co = filter.shape[0] as number;
	const own = bias ?? floats([co], new Float32Array(co));
	if (!(FOLDED in place.node.attributes)) return { filter, bias: own };
	const epsilon = place.number(FOLDED, 1e-5);
	const row = filter.data.length / co;
	const weights = Float32Array.from(filter.data);
	const offsets = new Float32Array(co);
	for (let c = 0; c < co; c++) {
		const of = (each: Constant | undefined) => Number(each?.data[c]);
		const scale = of(gamma) / Math.sqrt(of(variance) + epsilon);
		for (let at = c * row; at < (c + 1) * row; at++)
			weights[at] = (weights[at] as number) * scale;
		offsets[c] = (of(own) - of(mean)) * scale + of(beta);
	}
	return {
		filter: floats(filter.shape, weights),
		bias: floats([co], offsets),
	};
}
