import type { Graph, Tensor, Weights } from "../model/types.ts";

/** What a network's weights are called in a file for PyTorch. */
export interface TorchWeights {
	readonly tensors: Weights;
	/** The layer of the architecture that the new head stands for: `fc`, `classifier.6`; undefined: it keeps its own name. */
	readonly classifier: string | undefined;
}

/**
 * The weights under torchvision's names, so that `resnet18(num_classes=k).load_state_dict(…)` takes them: a linear head
 * that attaches where the architecture's own last Linear does goes by that one's name.
 * @param graph the trained network, head included
 * @param backbone the architecture's whole graph
 */
export function torchWeights(
	graph: Graph,
	backbone: Graph,
	weights: Weights,
): TorchWeights {
	const names = graph.initializers
		.filter(({ values }) => values === undefined)
		.map(({ name }) => name);
	const tensors = (rename: (name: string) => string): Weights =>
		new Map(
			names.map((name): [string, Tensor] => {
				const tensor = weights.get(name);
				if (tensor === undefined)
					throw new Error(`internal: no weights for ${name}`);
				return [rename(name), tensor];
			}),
		);
	const own = new Set(backbone.initializers.map(({ name }) => name));
	const added = names.filter((name) => !own.has(name));
	const classifier = lastLinear(backbone);
	const lacking = backbone.initializers
		.filter(({ values, name }) => values === undefined && !names.includes(name))
		.map(({ name }) => name);
	// All that the architecture has and the network has not is the classifier, and all that is new stands for it.
	const isPlainHead =
		classifier !== undefined &&
		added.length > 0 &&
		added.every((name) => /^head\d*\.(weight|bias)$/.test(name)) &&
		lacking.length === added.length &&
		lacking.every((name) => name.startsWith(`${classifier}.`));
	if (!isPlainHead)
		return { tensors: tensors((name) => name), classifier: undefined };
	return {
		tensors: tensors((name) =>
			name.replace(/^head\d*(?=\.(weight|bias)$)/, classifier),
		),
		classifier,
	};
}

/** The module of the Gemm that ends the network. */
function lastLinear({ nodes }: Graph): string | undefined {
	const weight = nodes.findLast(({ op }) => op === "Gemm")?.inputs[1];
	return weight?.endsWith(".weight")
		? weight.slice(0, -".weight".length)
		: undefined;
}
