import { sizeOf } from "../../dtypes.ts";
import type { Graph } from "../../types.ts";
import type { KerasFamily } from "./families.ts";
import { channelsFirst } from "./transpose.ts";

/** What a Keras file must hold for a network: one line a parameter of torchvision's. */
export interface Expected {
	/** torchvision's name: features.0.weight. */
	readonly name: string;
	/** torchvision's shape. */
	readonly shape: readonly number[];
	/** Keras's layer, and the number of the variable in it. */
	readonly layer: string;
	readonly index: number;
	/** For messages: block1_conv1/kernel. */
	readonly variable: string;
	readonly kerasShape: readonly number[];
	/** How a kernel is turned; undefined: values stay as they are. */
	readonly turned?: { readonly columns: number; readonly places: Int32Array };
	/** The layer whose bias is subtracted. */
	readonly minusBiasOf?: string;
}

type Part = Pick<Expected, "index"> & { readonly word: string };

/** Variables of a normalising layer, and of all others. */
const NORM: Readonly<Record<string, Part>> = {
	weight: { index: 0, word: "gamma" },
	bias: { index: 1, word: "beta" },
	running_mean: { index: 2, word: "moving_mean" },
	running_var: { index: 3, word: "moving_variance" },
};
const PLAIN: Readonly<Record<string, Part>> = {
	weight: { index: 0, word: "kernel" },
	bias: { index: 1, word: "bias" },
	layer_scale: { index: 0, word: "gamma" },
};

/** In the order of the graph. */
export function expectedOf(graph: Graph, family: KerasFamily): Expected[] {
	const users = new Map(
		graph.nodes.flatMap((node) => node.inputs.map((name) => [name, node])),
	);
	return graph.initializers
		.filter(({ values }) => values === undefined)
		.map(({ name, shape }) => {
			const node = users.get(name);
			const dot = name.lastIndexOf(".");
			const part = name.slice(dot + 1);
			const owner = part === "layer_scale" ? name : name.slice(0, dot);
			const torchLayer =
				part === "layer_scale" ? `${name.slice(0, dot)}.layer_scale` : owner;
			const layer = family.layerOf(torchLayer);
			const isNorm = /Normalization$/.test(node?.op ?? "");
			const known = (isNorm ? NORM : PLAIN)[part];
			if (layer === undefined || known === undefined)
				throw new Error(`internal: Keras has no name for ${name}`);
			const minusBiasOf =
				part === "running_mean" ? family.foldsBias?.(layer) : undefined;
			return {
				...{ name, shape, layer, index: known.index },
				variable: `${layer}/${known.word}`,
				...(minusBiasOf !== undefined && { minusBiasOf }),
				...turnedOf(shape, family, torchLayer),
			};
		});
}

function turnedOf(
	shape: readonly number[],
	{ flattened }: KerasFamily,
	layer: string,
): Pick<Expected, "kerasShape" | "turned"> {
	const [out = 1, inputs = 1, height = 1, width = 1] = shape;
	// layer_scale [c, 1, 1] is a vector, too.
	if (shape.length !== 2 && shape.length !== 4)
		return { kerasShape: [sizeOf(shape)] };
	const area = height * width;
	const isDepthwise = shape.length === 4 && inputs === 1 && area > 1;
	const kerasShape =
		shape.length === 2
			? [inputs, out]
			: isDepthwise
				? [height, width, out, 1]
				: [height, width, inputs, out];
	const [channels, places] =
		flattened?.layer === layer
			? [flattened.map[0], flattened.map[1] * flattened.map[2]]
			: [inputs, area];
	return {
		kerasShape,
		turned: { columns: out, places: channelsFirst(places, channels) },
	};
}
