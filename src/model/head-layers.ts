import type { GraphNode, Initializer } from "./types.ts";

/** What stands between the features and the last layer of an mlp. */
export interface HiddenLayers {
	/** From the features on. */
	readonly widths: readonly number[];
	/** ONNX operator. */
	readonly activation: "Relu" | "Tanh" | "Sigmoid";
	/** Ratio of the Dropout behind each activation; 0: none. */
	readonly dropout: number;
}

/** The layers of a head on a vector. */
export interface HeadLayers {
	readonly nodes: readonly GraphNode[];
	/** Initializers that learn. */
	readonly added: readonly Initializer[];
	/** Initializers with values. */
	readonly constants: readonly Initializer[];
	readonly output: string;
}

/**
 * Linear: layer `head` (Gemm; `head.weight` [k, d], `head.bias` [k]). Mlp: as nn.Sequential(Linear, ReLU, Linear)
 * names them `head.0`, `head.1`, `head.2` …, the Linear layers having the even numbers; a Dropout is `head.1.dropout`,
 * so that names, and the start values that follow from them, do not depend on it.
 * @param input float32 [n, width]
 */
export function headLayers(
	head: string,
	input: string,
	width: number,
	numClasses: number,
	bias: boolean,
	mlp: HiddenLayers | undefined,
): HeadLayers {
	const nodes: GraphNode[] = [];
	const added: Initializer[] = [];
	const constants: Initializer[] = [];
	let x = input;
	let fanIn = width;

	function node(op: string, layer: string, parts: readonly string[] = []) {
		const attributes: GraphNode["attributes"] =
			op === "Gemm" ? { transB: 1 } : {};
		const inputs = [x, ...parts];
		nodes.push({
			...{ name: layer, layer, op, domain: "", attributes },
			...{ inputs, outputs: [layer] },
		});
		x = layer;
	}

	function linear(layer: string, out: number) {
		const weight = { name: `${layer}.weight`, shape: [out, fanIn] };
		const parts = bias
			? [weight, { name: `${layer}.bias`, shape: [out] }]
			: [weight];
		added.push(
			...parts.map((part) => ({ ...part, dtype: "float32" as const })),
		);
		node(
			"Gemm",
			layer,
			parts.map(({ name }) => name),
		);
		fanIn = out;
	}

	if (mlp === undefined) linear(head, numClasses);
	else {
		for (const [index, hidden] of mlp.widths.entries()) {
			linear(`${head}.${2 * index}`, hidden);
			const layer = `${head}.${2 * index + 1}`;
			node(mlp.activation, layer);
			if (mlp.dropout === 0) continue;
			const name = `${layer}.dropout.ratio`;
			const values = [mlp.dropout];
			constants.push({ name, shape: [], dtype: "float32", values });
			node("Dropout", `${layer}.dropout`, [name]);
		}
		linear(`${head}.${2 * mlp.widths.length}`, numClasses);
	}
	return { nodes, added, constants, output: x };
}
