import type { Graph } from "../../types.ts";

/**
 * Keras Applications' networks (https://github.com/keras-team/keras/tree/master/keras/src/applications) beside
 * torchvision's: what their layers are called, and where the same architecture is computed differently.
 */
export interface KerasFamily {
	/** Keras's name of the layer that torchvision calls so. */
	readonly layerOf: (layer: string) => string | undefined;
	/** Epsilon of every BatchNorm; undefined: as in torchvision. */
	readonly epsilon?: number;
	/** Strided convolutions are padded as TensorFlow's SAME: what does not divide goes to the right and the bottom. */
	readonly padsSame?: true;
	/** A bottleneck's stride is in its first 1x1 convolution (ResNet v1); torchvision has it in the 3x3 (v1.5). */
	readonly stridesFirst?: true;
	/** Convolutions have a bias, which torchvision's lack: it is subtracted from the mean of the BatchNorm behind. */
	readonly foldsBias?: (layer: string) => string | undefined;
	/** The layer whose input was flattened from [h, w, c] rather than [c, h, w]: its inputs are put into that order. */
	readonly flattened?: { readonly layer: string; readonly map: MapShape };
	/** How pixels become what enters the first layer. */
	readonly pixels: "caffe" | "tf" | "torch" | "inside";
}

/** Channels, height, width. */
type MapShape = readonly [number, number, number];

/** By the zoo's names. */
export function kerasFamily(
	name: string,
	graph: Graph,
): KerasFamily | undefined {
	if (name === "vgg16" || name === "vgg19") return vgg(graph);
	if (/^resnet(50|101|152)$/.test(name)) return resnet();
	if (name === "densenet121") return densenet();
	if (name === "mobilenet_v2") return mobilenetV2();
	if (name.startsWith("mobilenet_v3_")) return mobilenetV3(graph);
	if (name.startsWith("efficientnet_b")) return efficientnet(graph);
	return name === "convnext_tiny" ? convnext() : undefined;
}

/** The names that have a family. */
export const KERAS_NAMES =
	"vgg16, vgg19, resnet50, resnet101, resnet152, densenet121, mobilenet_v2, mobilenet_v3_small, mobilenet_v3_large, efficientnet_b0 to b4, convnext_tiny";

type Rule = readonly [RegExp, (...parts: string[]) => string | undefined];

/** The first rule that matches says the name. */
function byRules(rules: readonly Rule[]): KerasFamily["layerOf"] {
	return (layer) => {
		for (const [pattern, name] of rules) {
			const match = pattern.exec(layer);
			if (match) return name(...match.slice(1));
		}
		return undefined;
	};
}

/** The 3x3 convolutions in their order, five blocks that end with pooling. */
function vgg(graph: Graph): KerasFamily {
	const names = new Map<string, string>();
	let [block, index] = [1, 0];
	for (const { op, layer } of graph.nodes) {
		if (op === "Conv") names.set(layer, `block${block}_conv${++index}`);
		if (op === "MaxPool") [block, index] = [block + 1, 0];
	}
	names.set("classifier.0", "fc1");
	names.set("classifier.3", "fc2");
	names.set("classifier.6", "predictions");
	return {
		layerOf: (layer) => names.get(layer),
		flattened: { layer: "classifier.0", map: [512, 7, 7] },
		pixels: "caffe",
	};
}

function resnet(): KerasFamily {
	const block = (stage = "", index = "") =>
		`conv${Number(stage) + 1}_block${Number(index) + 1}`;
	return {
		layerOf: byRules([
			[/^conv1$/, () => "conv1_conv"],
			[/^bn1$/, () => "conv1_bn"],
			[
				/^layer(\d)\.(\d+)\.(conv|bn)(\d)$/,
				(stage, index, kind, number) =>
					`${block(stage, index)}_${number}_${kind}`,
			],
			[
				/^layer(\d)\.(\d+)\.downsample\.([01])$/,
				(stage, index, part) =>
					`${block(stage, index)}_0_${part === "0" ? "conv" : "bn"}`,
			],
			[/^fc$/, () => "predictions"],
		]),
		epsilon: 1.001e-5,
		stridesFirst: true,
		foldsBias: (layer) =>
			layer.endsWith("_bn") ? layer.replace(/_bn$/, "_conv") : undefined,
		pixels: "caffe",
	};
}

function densenet(): KerasFamily {
	const parts: Readonly<Record<string, string>> = {
		norm1: "0_bn",
		conv1: "1_conv",
		norm2: "1_bn",
		conv2: "2_conv",
	};
	return {
		layerOf: byRules([
			[/^features\.conv0$/, () => "conv1_conv"],
			[/^features\.norm0$/, () => "conv1_bn"],
			[
				/^features\.denseblock(\d)\.denselayer(\d+)\.(\w+)$/,
				(block, index, part = "") =>
					`conv${Number(block) + 1}_block${index}_${parts[part]}`,
			],
			[
				/^features\.transition(\d)\.(norm|conv)$/,
				(block, part) =>
					`pool${Number(block) + 1}_${part === "norm" ? "bn" : "conv"}`,
			],
			[/^features\.norm5$/, () => "bn"],
			[/^classifier$/, () => "predictions"],
		]),
		epsilon: 1.001e-5,
		pixels: "torch",
	};
}

function mobilenetV2(): KerasFamily {
	const first: Readonly<Record<string, string>> = {
		"0.0": "depthwise",
		"0.1": "depthwise_BN",
		"1": "project",
		"2": "project_BN",
	};
	const others: Readonly<Record<string, string>> = {
		"0.0": "expand",
		"0.1": "expand_BN",
		"1.0": "depthwise",
		"1.1": "depthwise_BN",
		"2": "project",
		"3": "project_BN",
	};
	return {
		layerOf: byRules([
			[/^features\.0\.0$/, () => "Conv1"],
			[/^features\.0\.1$/, () => "bn_Conv1"],
			[
				/^features\.1\.conv\.([\d.]+)$/,
				(part = "") => `expanded_conv_${first[part]}`,
			],
			[
				/^features\.(\d+)\.conv\.([\d.]+)$/,
				(index, part = "") => `block_${Number(index) - 1}_${others[part]}`,
			],
			[/^features\.18\.0$/, () => "Conv_1"],
			[/^features\.18\.1$/, () => "Conv_1_bn"],
			[/^classifier\.1$/, () => "predictions"],
		]),
		epsilon: 1e-3,
		padsSame: true,
		pixels: "tf",
	};
}

/** What the parts of an inverted residual block do, by their numbers: block.0 expands, where there is such a part. */
type Role = "expand" | "depthwise" | "squeeze" | "project";

/** @returns the role of `block.N` in the layer `features.…` that holds it. */
function rolesOf(graph: Graph): (module: string, part: string) => Role {
	const parts = new Map<string, Role[]>();
	for (const { op, layer, attributes } of graph.nodes) {
		const [, module, part] =
			/^(features\.[\d.]+?)\.block\.(\d+)\./.exec(layer) ?? [];
		if (op !== "Conv" || module === undefined) continue;
		const roles = parts.get(module) ?? [];
		parts.set(module, roles);
		roles[Number(part)] =
			layer.endsWith(".fc1") || layer.endsWith(".fc2")
				? "squeeze"
				: Number(attributes.group) > 1
					? "depthwise"
					: roles.includes("depthwise")
						? "project"
						: "expand";
	}
	return (module, part) => parts.get(module)?.[Number(part)] ?? "project";
}

function mobilenetV3(graph: Graph): KerasFamily {
	const roleOf = rolesOf(graph);
	const last = graph.nodes.findLast(({ layer }) =>
		/^features\.\d+\.0$/.test(layer),
	);
	const head = last?.layer.replace(/\.0$/, "");
	const prefix = (index = "") =>
		index === "1" ? "expanded_conv" : `expanded_conv_${Number(index) - 1}`;
	return {
		layerOf: (layer) => {
			if (layer === `${head}.0`) return "conv_1";
			if (layer === `${head}.1`) return "conv_1_bn";
			return inner(layer);
		},
		padsSame: true,
		pixels: "tf",
	};
	function inner(layer: string): string | undefined {
		return byRules([
			[/^features\.0\.0$/, () => "conv"],
			[/^features\.0\.1$/, () => "conv_bn"],
			[
				/^features\.(\d+)\.block\.(\d+)\.([01])$/,
				(index, part = "", step) =>
					`${prefix(index)}_${roleOf(`features.${index}`, part)}${step === "1" ? "_bn" : ""}`,
			],
			[
				/^features\.(\d+)\.block\.\d+\.fc([12])$/,
				(index, number) =>
					`${prefix(index)}_squeeze_excite_conv${number === "2" ? "_1" : ""}`,
			],
			[/^classifier\.0$/, () => "conv_2"],
			[/^classifier\.3$/, () => "logits"],
		])(layer);
	}
}

function efficientnet(graph: Graph): KerasFamily {
	const roleOf = rolesOf(graph);
	const block = (stage = "", index = "") =>
		`block${stage}${String.fromCharCode(97 + Number(index))}`;
	const words: Readonly<Record<Role, readonly [string, string]>> = {
		expand: ["expand_conv", "expand_bn"],
		depthwise: ["dwconv", "bn"],
		project: ["project_conv", "project_bn"],
		squeeze: ["", ""],
	};
	return {
		layerOf: byRules([
			[/^features\.0\.0$/, () => "stem_conv"],
			[/^features\.0\.1$/, () => "stem_bn"],
			[/^features\.8\.0$/, () => "top_conv"],
			[/^features\.8\.1$/, () => "top_bn"],
			[
				/^features\.(\d+)\.(\d+)\.block\.(\d+)\.([01])$/,
				(stage, index, part = "", step) =>
					`${block(stage, index)}_${words[roleOf(`features.${stage}.${index}`, part)][Number(step)]}`,
			],
			[
				/^features\.(\d+)\.(\d+)\.block\.\d+\.fc([12])$/,
				(stage, index, number) =>
					`${block(stage, index)}_${number === "1" ? "se_reduce" : "se_expand"}`,
			],
			[/^classifier\.1$/, () => "predictions"],
		]),
		epsilon: 1e-3,
		padsSame: true,
		pixels: "inside",
	};
}

function convnext(): KerasFamily {
	const parts: Readonly<Record<string, string>> = {
		"block.0": "depthwise_conv",
		"block.2": "layernorm",
		"block.3": "pointwise_conv_1",
		"block.5": "pointwise_conv_2",
		layer_scale: "layer_scale",
	};
	const own = (rest: string) => `convnext_tiny_${rest}`;
	return {
		layerOf: byRules([
			[/^features\.0\.0$/, () => own("stem_conv")],
			[/^features\.0\.1$/, () => own("stem_layernorm")],
			[
				/^features\.([246])\.([01])$/,
				(index, part) =>
					own(
						`downsampling_${part === "0" ? "layernorm" : "conv"}_${Number(index) / 2 - 1}`,
					),
			],
			[
				/^features\.(\d)\.(\d+)\.(block\.\d|layer_scale)$/,
				(index, block, part = "") =>
					own(`stage_${(Number(index) - 1) / 2}_block_${block}_${parts[part]}`),
			],
			[/^classifier\.0$/, () => own("head_layernorm")],
			[/^classifier\.2$/, () => own("head_dense")],
		]),
		pixels: "torch",
	};
}
