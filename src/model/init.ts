import { random } from "../random.ts";
import { sizeOf } from "./dtypes.ts";
import type { Graph, GraphNode, Initializer, Tensor } from "./types.ts";

/** Weights that nobody has trained yet, each drawn from the stream random(seed, "init", name). */

/** How a value starts: one number everywhere, or draws. */
export type Start =
	| { readonly constant: number }
	/** Uniform in [-bound, bound). */
	| { readonly bound: number }
	/** Normal with mean 0. */
	| { readonly deviation: number };

/** Which part of which node an initializer is: 1 is the weight, 2 the bias … */
export type InitRule = (
	node: GraphNode,
	part: number,
	weight: readonly number[],
) => Start;

/**
 * torch's defaults for new layers: U(-1/sqrt(fan_in), 1/sqrt(fan_in)) for weight and bias of Linear and Conv2d
 * (https://pytorch.org/docs/stable/generated/torch.nn.Linear.html), BatchNorm 1, 0, statistics 0, 1.
 */
export const torchDefault: InitRule = (node, part, weight) => {
	if (node.op === "BatchNormalization")
		return { constant: part === 1 || part === 4 ? 1 : 0 };
	return { bound: 1 / Math.sqrt(sizeOf(weight.slice(1))) };
};

/**
 * torchvision's `init_weights` of VGG: convolutions kaiming_normal_(mode="fan_out"), Linear N(0, 0.01), biases 0
 * (https://github.com/pytorch/vision/blob/main/torchvision/models/vgg.py).
 */
export const vggInit: InitRule = (node, part, weight) => {
	if (node.op === "BatchNormalization") return torchDefault(node, part, weight);
	if (part === 2) return { constant: 0 };
	if (node.op === "Gemm") return { deviation: 0.01 };
	const fanOut = sizeOf([weight[0] ?? 1, ...weight.slice(2)]);
	return { deviation: Math.sqrt(2 / fanOut) };
};

/** float32 values for these initializers, by torch's defaults unless another rule is given. */
export function initialWeights(
	graph: Graph,
	names: readonly string[],
	seed: number,
	rule: InitRule = torchDefault,
): Map<string, Tensor> {
	const byName = new Map(graph.initializers.map((item) => [item.name, item]));
	const weights = new Map<string, Tensor>();
	for (const name of names) {
		const initializer = byName.get(name);
		const node = graph.nodes.find(({ inputs }) => inputs.includes(name));
		if (!initializer || !node)
			throw new Error(`internal: ${name} belongs to no layer`);
		const weight = byName.get(node.inputs[1] ?? "")?.shape ?? initializer.shape;
		const start = rule(node, node.inputs.indexOf(name), weight);
		weights.set(name, drawn(initializer, start, seed));
	}
	return weights;
}

function drawn(
	{ name, shape }: Initializer,
	start: Start,
	seed: number,
): Tensor {
	const data = new Float32Array(sizeOf(shape));
	if ("constant" in start) data.fill(start.constant);
	else {
		const { uniform, normal } = random(seed, "init", name);
		for (let index = 0; index < data.length; index++)
			data[index] =
				"bound" in start
					? (2 * uniform() - 1) * start.bound
					: normal() * start.deviation;
	}
	return { dtype: "float32", shape, data };
}
