import type { NetworkBuilder } from "./builder.ts";

/** What transformers are built of: layers that work on the last axis of [n, …, channels]. */

/** nn.LayerNorm over the last axis. `part`: as NetworkBuilder.node takes it, where this is one step of a layer. */
export function layerNorm(
	net: NetworkBuilder,
	x: string,
	layer: string,
	channels: number,
	epsilon: number,
	part?: string,
): string {
	const scale = net.parameter(`${layer}.weight`, [channels]);
	const bias = net.parameter(`${layer}.bias`, [channels]);
	const attributes = { axis: -1, epsilon };
	return net.node(
		"LayerNormalization",
		layer,
		[x, scale, bias],
		attributes,
		part,
	);
}

/** Names of a Linear's two parameters; no bias where it has none. */
export interface LinearNames {
	readonly weight: string;
	readonly bias?: string;
}

/**
 * nn.Linear on the last axis, its parameters by name.
 * @param part as NetworkBuilder.node takes it: the product is one step of a longer layer.
 */
export function tokenLinear(
	net: NetworkBuilder,
	x: string,
	layer: string,
	[inFeatures, out]: readonly [number, number],
	names: LinearNames = { weight: `${layer}.weight`, bias: `${layer}.bias` },
	part?: string,
): string {
	const inner = (word: string) =>
		part === undefined ? word : `${part}_${word}`;
	const weight = net.node(
		"Transpose",
		layer,
		[net.parameter(names.weight, [out, inFeatures])],
		{ perm: [1, 0] },
		inner("transposed"),
	);
	if (names.bias === undefined)
		return net.node("MatMul", layer, [x, weight], {}, part);
	const product = net.node("MatMul", layer, [x, weight], {}, inner("product"));
	const bias = net.parameter(names.bias, [out]);
	return net.node("Add", layer, [product, bias], {}, part);
}

/** How attention sees its tokens. */
export interface AttentionOptions {
	readonly heads: number;
	readonly channels: number;
	/** Sizes between the batch and the channels: [tokens], or [windows, tokens]. */
	readonly tokens: readonly number[];
	/** Added to the scores [n, …, heads, tokens, tokens] before Softmax, in this order. */
	readonly biases?: readonly string[];
}

/**
 * Scaled dot-product attention of tokens with each other, before its output layer: softmax(q k' / sqrt(width) +
 * biases) v, one head beside the other (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762).
 * @param qkv [n, …, tokens, 3 channels]: queries, keys, values. The result, [n, …, tokens, channels], is `<layer>.heads`.
 */
export function attention(
	net: NetworkBuilder,
	qkv: string,
	layer: string,
	{ heads, channels, tokens, biases = [] }: AttentionOptions,
): string {
	const width = channels / heads;
	const lead = Array.from({ length: tokens.length }, (_, axis) => axis);
	const [token, head, inner] = [0, 1, 2].map((at) => tokens.length + at) as [
		number,
		number,
		number,
	];
	const step = (
		op: string,
		part: string,
		inputs: readonly string[],
		attributes = {},
	) => net.node(op, layer, inputs, attributes, part);
	const ints = (...values: number[]) =>
		net.constant("int64", [values.length], values);

	/** One third of qkv as [n, …, heads, …] with its last three axes in this order. */
	const third = (index: number, word: string, order: readonly number[]) => {
		const [start, end] = [index * channels, (index + 1) * channels];
		const own = step("Slice", word, [qkv, ints(start), ints(end), ints(-1)]);
		const shape = ints(0, ...tokens, heads, width);
		const split = step("Reshape", `${word}_split`, [own, shape]);
		const perm = [...lead, ...order];
		return step("Transpose", `${word}_heads`, [split], { perm });
	};
	const query = third(0, "q", [head, token, inner]);
	const key = third(1, "k", [head, inner, token]);
	const value = third(2, "v", [head, token, inner]);
	const scale = net.constant("float32", [], [width ** -0.5]);
	const scaled = step("Mul", "scaled", [query, scale]);
	let scores = step("MatMul", "scores", [scaled, key]);
	biases.forEach((bias, index) => {
		scores = step("Add", `biased_${index}`, [scores, bias]);
	});
	const weights = step("Softmax", "softmax", [scores], { axis: -1 });
	const seen = step("MatMul", "seen", [weights, value]);
	const perm = [...lead, head, token, inner];
	const turned = step("Transpose", "turned", [seen], { perm });
	return step("Reshape", "heads", [turned, ints(0, ...tokens, channels)]);
}
