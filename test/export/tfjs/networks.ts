import type { WholeNetwork } from "../../../src/export/network.ts";
import { sizeOf } from "../../../src/model/dtypes.ts";
import { subgraph } from "../../../src/model/edit.ts";
import type { Graph, Tensor, Weights } from "../../../src/model/types.ts";
import { zooEntry } from "../../../src/model/zoo/zoo.ts";
import { random } from "../../../src/random.ts";

/**
 * A network of the zoo with random weights and statistics, as an export takes it.
 * @param end the layer after which nothing is asked; default: the logits
 */
export function randomNetwork(
	name: string,
	size: readonly [number, number],
	end?: string,
): WholeNetwork {
	const entry = zooEntry(name);
	if (entry === undefined) throw new Error(`no network ${name}`);
	const whole = entry.build(size);
	const graph = end === undefined ? whole : upTo(whole, end);
	const { mean, std, scale, channels } = entry.preprocess;
	return {
		...{ runId: "test", graph, weights: randomWeights(graph) },
		classNames: Array.from({ length: entry.numClasses }, (_, i) => `c${i}`),
		transforms: [
			{ name: "Normalize", params: { mean, std, scale, channels } },
		] as unknown as WholeNetwork["transforms"],
		inputShape: [3, ...size],
		...{
			isLogProbability: false,
			hasProbabilities: end === undefined,
			isMultiLabel: false,
		},
	};
}

function upTo(graph: Graph, end: string): Graph {
	const part = subgraph(graph, [graph.inputs[0]?.name ?? ""], [end]);
	if (!part.ok) throw new Error(part.diagnostics[0]?.message);
	return part.value;
}

/** Filters that keep the size of what goes through, small biases, statistics that are not 0 and 1. */
export function randomWeights(graph: Graph): Weights {
	const { uniform } = random(0, "weights");
	/** Of variance 1. */
	const around = () => Math.sqrt(12) * (uniform() - 0.5);
	const variances = new Set(
		graph.nodes
			.filter(({ op }) => op === "BatchNormalization")
			.map(({ inputs }) => inputs[4]),
	);
	const factors = new Set(
		graph.nodes
			.filter(({ op }) => /Normalization/.test(op))
			.map(({ inputs }) => inputs[1]),
	);
	return new Map(
		graph.initializers
			.filter(({ values }) => values === undefined)
			.map(({ name, shape }): [string, Tensor] => {
				const fan = sizeOf(shape.slice(1));
				const value = () =>
					variances.has(name) || factors.has(name)
						? 0.5 + uniform()
						: shape.length < 2
							? 0.1 * around()
							: Math.sqrt(1 / fan) * around();
				const data = Float32Array.from({ length: sizeOf(shape) }, value);
				return [name, { dtype: "float32", shape, data }];
			}),
	);
}

/** Random pixels [n, 3, h, w], 0 … 1. */
export function randomPixels(dims: readonly number[]): Float32Array {
	const { uniform } = random(0, "pixels");
	return Float32Array.from({ length: sizeOf(dims) }, uniform);
}
