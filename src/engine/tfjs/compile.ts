import type { Tensor } from "@tensorflow/tfjs-core";
import { constantValues } from "../../model/graph.ts";
import type { Graph, GraphNode, ValueInfo } from "../../model/types.ts";
import type { Tf } from "../backend.ts";
import {
	type Applied,
	type Apply,
	type NodeView,
	numberAttribute,
	type Step,
} from "./operator.ts";
import { OPERATORS } from "./operators.ts";
import type { Parameters } from "./parameters.ts";
import { type SupportedOp, unsupportedOps } from "./supported.ts";

/**
 * A Graph as a differentiable function.
 *
 *   compile:   node ─ OPERATORS[op] ─→ Apply                       once
 *   forward:   x ─ Apply ─ Apply ─ … ─→ output, and a tape of the nodes that lie behind something that learns
 *   backward:  the tape in reverse ─→ gradient of each trainable initializer
 */
export interface CompiledGraph {
	/**
	 * Runs the graph on float32 [n, …]; in training, `backward` may be called once. Call both within one tf.tidy.
	 * Values are those of ONNX's operators (NCHW).
	 */
	readonly forward: (x: Tensor, step: Step) => Forward;
}

/** One pass through the graph, and the way back. */
export interface Forward {
	readonly output: Tensor;
	/** From the gradient by the output to those by the trainable initializers that it depends on. */
	readonly backward: (upstream: Tensor) => ReadonlyMap<string, Tensor>;
}

interface Compiled {
	readonly node: GraphNode;
	readonly apply: Apply;
	/** Per input: a trainable initializer, or computed from one. */
	readonly wanted: readonly boolean[];
}

/**
 * Prepares a graph with one input and one output. Its initializers are those of `parameters`, which other graphs
 * may share.
 * @throws Error "internal:" for a graph that `unsupportedOps` objects to: a plan asks it first.
 */
export function compileGraph(
	tf: Tf,
	graph: Graph,
	parameters: Parameters,
): CompiledGraph {
	refuseUnsupported(graph);
	const input = soleName(graph.inputs);
	const result = soleName(graph.outputs);
	const nodes = compileNodes(tf, graph, parameters);
	const initializers = new Set(graph.initializers.map(({ name }) => name));

	function forward(x: Tensor, step: Step): Forward {
		const values = new Map([[input, x]]);
		const tape: { compiled: Compiled; applied: Applied }[] = [];
		const lookUp = (name: string) =>
			values.get(name) ??
			(initializers.has(name) ? parameters.get(name) : undefined);
		for (const compiled of nodes) {
			const { node, apply, wanted } = compiled;
			const applied = apply(node.inputs.map(lookUp), step);
			values.set(node.outputs[0], applied.output);
			if (step.training && wanted.includes(true))
				tape.push({ compiled, applied });
		}
		return {
			output: lookUp(result) as Tensor,
			backward: (upstream) =>
				propagate(tf, tape, new Map([[result, upstream]]), parameters),
		};
	}

	return { forward };
}

function refuseUnsupported(graph: Graph): void {
	const [first] = unsupportedOps(graph);
	if (first)
		throw new Error(`internal: ${first.op} "${first.node}" ${first.reason}`);
}

function soleName(values: readonly ValueInfo[]): string {
	const [value] = values;
	if (!value || values.length !== 1)
		throw new Error("internal: a suffix has one input and one output");
	return value.name;
}

function compileNodes(
	tf: Tf,
	graph: Graph,
	parameters: Parameters,
): readonly Compiled[] {
	const learning = new Set<string>(
		graph.initializers.map(({ name }) => name).filter(parameters.learns),
	);
	return graph.nodes.map((node) => {
		const wanted = node.inputs.map((name) => learning.has(name));
		if (wanted.includes(true)) learning.add(node.outputs[0]);
		const apply = OPERATORS[node.op as SupportedOp](
			tf,
			viewOf(graph, node, parameters),
		);
		return { node, apply, wanted };
	});
}

function viewOf(
	graph: Graph,
	node: GraphNode,
	parameters: Parameters,
): NodeView {
	const frozen = new Set(
		graph.initializers
			.filter(
				({ name, shape }) => shape.length === 2 && !parameters.learns(name),
			)
			.map(({ name }) => name),
	);
	return {
		node,
		opset: graph.opset,
		number: (name, otherwise) =>
			numberAttribute(node.attributes, name, otherwise),
		constant: (index) => constantValues(graph, node.inputs[index]),
		transposed(index) {
			const name = node.inputs[index] ?? "";
			return frozen.has(name) ? parameters.transposed(name) : undefined;
		},
	};
}

function propagate(
	tf: Tf,
	tape: readonly { compiled: Compiled; applied: Applied }[],
	gradients: Map<string, Tensor>,
	parameters: Parameters,
): ReadonlyMap<string, Tensor> {
	for (const { compiled, applied } of tape.toReversed()) {
		const { node, wanted } = compiled;
		const upstream = gradients.get(node.outputs[0]);
		if (!upstream) continue;
		applied.gradient(upstream, wanted).forEach((gradient, index) => {
			if (!gradient || !wanted[index]) return;
			const name = node.inputs[index];
			const sofar = gradients.get(name);
			gradients.set(name, sofar ? tf.add(sofar, gradient) : gradient);
		});
	}
	return new Map([...gradients].filter(([name]) => parameters.learns(name)));
}
