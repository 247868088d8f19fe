import { RunError } from "../../diagnostic.ts";
import type { Graph } from "../types.ts";
import { gelu } from "./activations.ts";
import { type NetworkBuilder, network } from "./builder.ts";
import { attention, layerNorm, tokenLinear } from "./tokens.ts";

/**
 * Vision Transformer, base (Dosovitskiy et al. 2020, https://arxiv.org/abs/2010.11929) with torchvision's layer names
 * (https://github.com/pytorch/vision/blob/main/torchvision/models/vision_transformer.py).
 */

const LAYERS = 12;
const HEADS = 12;
const CHANNELS = 768;
const HIDDEN = 3072;
const EPSILON = 1e-6;

/** Side of the photos that the positions were learnt for. */
const TRAINED = 224;

/** Side of a patch, in pixels. */
export type PatchSize = 16 | 32;

/**
 * float32 [n, 3, h, w] → logits [n, 1000]; h and w fixed multiples of the patch, for each patch has its own position
 * among the weights. Features: `cls`, the class token after the last LayerNorm.
 * @throws RunError "input-size" where a side is no multiple of the patch.
 */
export function visionTransformer(
	patch: PatchSize,
	[h, w]: readonly [number, number],
): Graph {
	const name = `vit_b_${patch}`;
	if (h % patch !== 0 || w % patch !== 0)
		throw new RunError(
			"input-size",
			`${name} takes photos whose sides are multiples of ${patch}, not ${h} x ${w}`,
			{ fix: 'end the transforms with "- CenterCrop: 224" before ToTensor' },
		);
	const net = network(name, ["n", 3, h, w]);
	const patches = (h / patch) * (w / patch);
	const tokens = patches + 1;
	let x = net.conv(net.input, "conv_proj", {
		in: 3,
		out: CHANNELS,
		kernel: patch,
		stride: patch,
	});
	x = net.node("Reshape", "reshape", [
		x,
		net.constant("int64", [3], [0, CHANNELS, patches]),
	]);
	x = net.node("Transpose", "permute", [x], { perm: [0, 2, 1] });
	x = withClassToken(net, x, tokens);
	const positions = positionsFor(net, patch, [h / patch, w / patch]);
	x = net.node("Add", "encoder.pos_embedding", [x, positions], {}, "add");
	for (let index = 0; index < LAYERS; index++)
		x = encoderLayer(net, x, `encoder.layers.encoder_layer_${index}`, tokens);
	x = layerNorm(net, x, "encoder.ln", CHANNELS, EPSILON);
	x = net.node("Gather", "cls", [x, net.constant("int64", [], [0])], {
		axis: 1,
	});
	return net.finish(net.linear(x, "heads.head", CHANNELS, 1000), 1000);
}

/**
 * float32 [1, 1 + rows * columns, c]: the learnt positions, those of the patches resized where the photo's grid of
 * patches is not the one of 224 x 224, as torchvision's interpolate_embeddings does (bicubic, align_corners).
 */
function positionsFor(
	net: NetworkBuilder,
	patch: PatchSize,
	[rows, columns]: readonly [number, number],
): string {
	const layer = "encoder.pos_embedding";
	const side = TRAINED / patch;
	const learnt = net.parameter(layer, [1, 1 + side * side, CHANNELS]);
	if (rows === side && columns === side) return learnt;
	const ints = (...values: number[]) =>
		net.constant("int64", [values.length], values);
	const step = (part: string, op: string, inputs: string[], attributes = {}) =>
		net.node(op, layer, inputs, attributes, part);
	const end = Number.MAX_SAFE_INTEGER;
	const token = step("token", "Slice", [learnt, ints(0), ints(1), ints(1)]);
	let y = step("patches", "Slice", [learnt, ints(1), ints(end), ints(1)]);
	y = step("by_channel", "Transpose", [y], { perm: [0, 2, 1] });
	y = step("grid", "Reshape", [y, ints(1, CHANNELS, side, side)]);
	const sizes = ints(1, CHANNELS, rows, columns);
	y = step("resized", "Resize", [y, "", "", sizes], {
		mode: "cubic",
		cubic_coeff_a: -0.75,
		coordinate_transformation_mode: "align_corners",
	});
	y = step("flat", "Reshape", [y, ints(1, CHANNELS, rows * columns)]);
	y = step("by_patch", "Transpose", [y], { perm: [0, 2, 1] });
	return step("cat", "Concat", [token, y], { axis: 1 });
}

/** The class token before the patches: a place of zeros that it is added to, which needs no batch size. */
function withClassToken(
	net: NetworkBuilder,
	x: string,
	tokens: number,
): string {
	const layer = "class_token";
	const pads = (before: number, after: number) =>
		net.constant("int64", [6], [0, before, 0, 0, after, 0]);
	const room = net.node("Pad", layer, [x, pads(1, 0)], {}, "room");
	const token = net.parameter(layer, [1, 1, CHANNELS]);
	const padded = net.node(
		"Pad",
		layer,
		[token, pads(0, tokens - 1)],
		{},
		"pad",
	);
	return net.node("Add", layer, [room, padded], {}, "cat");
}

/** x + attention(LayerNorm(x)), then the same with two Linears and GELU. */
function encoderLayer(
	net: NetworkBuilder,
	x: string,
	layer: string,
	tokens: number,
): string {
	const own = `${layer}.self_attention`;
	const normed = layerNorm(net, x, `${layer}.ln_1`, CHANNELS, EPSILON);
	const qkv = tokenLinear(
		net,
		normed,
		own,
		[CHANNELS, 3 * CHANNELS],
		{ weight: `${own}.in_proj_weight`, bias: `${own}.in_proj_bias` },
		"in_proj",
	);
	let y = attention(net, qkv, own, {
		heads: HEADS,
		channels: CHANNELS,
		tokens: [tokens],
	});
	y = tokenLinear(net, y, `${own}.out_proj`, [CHANNELS, CHANNELS]);
	y = net.node("Identity", own, [y]);
	const attended = net.add(y, x, `${layer}.add`);
	y = layerNorm(net, attended, `${layer}.ln_2`, CHANNELS, EPSILON);
	y = tokenLinear(net, y, `${layer}.mlp.0`, [CHANNELS, HIDDEN]);
	y = gelu(net, y, `${layer}.mlp.1`);
	y = tokenLinear(net, y, `${layer}.mlp.3`, [HIDDEN, CHANNELS]);
	return net.add(attended, y, `${layer}.add_1`);
}
