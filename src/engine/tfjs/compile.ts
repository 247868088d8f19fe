import type { Tensor } from "@tensorflow/tfjs-core";
import type { Graph, GraphNode, ValueInfo } from "../../model/types.ts";
import type { Tf } from "../backend.ts";
import { foldBatchNorm } from "./fold.ts";
import {
	type Arranged,
	arrange,
	inOrder,
	orderOf,
	toNhwc,
	type Value,
} from "./layout.ts";
import type { Applied, Apply, OperatorEntry, Step } from "./operator.ts";
import { OPERATORS } from "./operators.ts";
import type { Parameters } from "./parameters.ts";
import { type SupportedOp, unsupportedOps } from "./supported.ts";
import { viewsOf } from "./view.ts";

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
	readonly entry: OperatorEntry;
	/** The operator prepared for maps in this order. */
	readonly apply: (nhwc: boolean) => Apply;
	/** Per input: a trainable initializer, or computed from one. */
	readonly wanted: readonly boolean[];
}

/** A node that gradients go back through. */
interface Taped {
	readonly compiled: Compiled;
	readonly applied: Applied;
	readonly inputs: readonly (Arranged | undefined)[];
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
	const isFixed = (name: string) =>
		!parameters.learns(name) && !parameters.isBuffer(name);
	const nodes = compileNodes(tf, foldBatchNorm(graph, isFixed), parameters);
	const initializers = new Set(graph.initializers.map(({ name }) => name));

	function forward(x: Tensor, step: Step): Forward {
		const values = new Map<string, Value>([
			[input, { tensor: x, nhwc: false, initializer: false }],
		]);
		const tape: Taped[] = [];
		const lookUp = (name: string): Value | undefined => {
			const known = values.get(name);
			if (known || !initializers.has(name)) return known;
			const tensor = parameters.get(name);
			const value = { tensor, nhwc: false, initializer: true };
			values.set(name, value);
			return value;
		};
		for (const compiled of nodes) {
			const { node, entry, apply, wanted } = compiled;
			const given = node.inputs.map(lookUp);
			const nhwc = orderOf(entry, given);
			const inputs = arrange(tf, entry, nhwc, given);
			const applied = apply(nhwc)(
				inputs.map((input) => input?.tensor),
				step,
			);
			[applied.output, ...(applied.others ?? [])].forEach((tensor, index) => {
				const name = node.outputs[index];
				const isMap = nhwc && tensor.shape.length === 4;
				if (name) values.set(name, { tensor, nhwc: isMap, initializer: false });
			});
			if (step.training && wanted.includes(true))
				tape.push({ compiled, applied, inputs });
		}
		const last = lookUp(result) as Value;
		return {
			output: inOrder(tf, last, false).tensor,
			backward: (upstream) => {
				const first = last.nhwc ? toNhwc(tf, upstream) : upstream;
				return propagate(tf, tape, new Map([[result, first]]), parameters);
			},
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
	const viewOf = viewsOf(tf, graph, parameters);
	return graph.nodes.map((node) => {
		const wanted = node.inputs.map((name) => learning.has(name));
		if (wanted.includes(true))
			for (const output of node.outputs) learning.add(output);
		const entry: OperatorEntry = OPERATORS[node.op as SupportedOp];
		const prepare = typeof entry === "function" ? entry : entry.prepare;
		const prepared: (Apply | undefined)[] = [];
		const apply = (nhwc: boolean) => {
			const known = prepared[Number(nhwc)];
			if (known) return known;
			const view = viewOf(node, nhwc);
			const made = prepare(tf, view);
			prepared[Number(nhwc)] = made;
			return made;
		};
		// The others are prepared when their first input tells its order.
		if (typeof entry === "function") apply(false);
		else if (entry.order === "nhwc") apply(true);
		return { node, entry, apply, wanted };
	});
}

function propagate(
	tf: Tf,
	tape: readonly Taped[],
	gradients: Map<string, Tensor>,
	parameters: Parameters,
): ReadonlyMap<string, Tensor> {
	for (const { compiled, applied, inputs } of tape.toReversed()) {
		const { node, wanted } = compiled;
		const [first, ...others] = node.outputs.map((name) => gradients.get(name));
		if (!first && others.every((gradient) => !gradient)) continue;
		const upstream = first ?? tf.zeros(applied.output.shape);
		applied.gradient(upstream, wanted, others).forEach((given, index) => {
			if (!given || !wanted[index]) return;
			const gradient = inputs[index]?.back?.(tf, given) ?? given;
			const name = node.inputs[index] as string;
			const sofar = gradients.get(name);
			gradients.set(name, sofar ? tf.add(sofar, gradient) : gradient);
		});
	}
	return new Map([...gradients].filter(([name]) => parameters.learns(name)));
}
