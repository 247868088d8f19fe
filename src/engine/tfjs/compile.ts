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
import { type Lifetimes, trackLifetimes } from "./lifetimes.ts";
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
	/** From the gradient by the output to those by the trainable initializers that it depends on, and by the input. */
	readonly backward: (upstream: Tensor) => ReadonlyMap<string, Tensor>;
}

interface Compiled {
	readonly node: GraphNode;
	readonly entry: OperatorEntry;
	/** The operator prepared for maps in this order. */
	readonly apply: (nhwc: boolean) => Apply;
	/** Per input: a trainable initializer, or computed from one. */
	readonly wanted: readonly boolean[];
	/** Values that no later node reads. */
	readonly last: readonly string[];
}

/** A node that gradients go back through. */
interface Taped {
	readonly compiled: Compiled;
	readonly applied: Applied;
	readonly inputs: readonly (Arranged | undefined)[];
	/** What stays until its gradient is there. */
	readonly kept: readonly Tensor[];
}

/**
 * Prepares a graph with one input and one output. Its initializers are those of `parameters`, which other graphs
 * may share.
 * @param byInput whether gradients by the input are wanted, by its name, in evaluation too: then `step.training` only
 *   says what random operators do.
 * @throws Error "internal:" for a graph that `unsupportedOps` objects to: a plan asks it first.
 */
export function compileGraph(
	tf: Tf,
	graph: Graph,
	parameters: Parameters,
	{ byInput = false }: { readonly byInput?: boolean } = {},
): CompiledGraph {
	refuseUnsupported(graph);
	const input = soleName(graph.inputs);
	const result = soleName(graph.outputs);
	const isFixed = (name: string) =>
		!parameters.learns(name) && !parameters.isBuffer(name);
	const learns = (name: string) =>
		parameters.learns(name) || (byInput && name === input);
	const folded = foldBatchNorm(graph, isFixed);
	const nodes = compileNodes(tf, folded, parameters, learns);
	const initializers = new Set(graph.initializers.map(({ name }) => name));

	function forward(x: Tensor, step: Step): Forward {
		const lifetimes = trackLifetimes();
		const values = new Map<string, Value>();
		const tape: Taped[] = [];
		const lookUp = (name: string): Value | undefined => {
			const known = values.get(name);
			if (known || !initializers.has(name)) return known;
			const tensor = parameters.get(name);
			const value = { tensor, nhwc: false, initializer: true };
			values.set(name, value);
			return value;
		};
		const enter = (name: string, tensor: Tensor, nhwc: boolean) => {
			values.set(name, { tensor, nhwc, initializer: false });
			lifetimes.hold(tensor);
		};
		const leave = (name: string) => {
			const value = values.get(name);
			if (value === undefined || value.initializer) return;
			values.delete(name);
			lifetimes.release(value.tensor);
			if (!value.turned) return;
			// Only those that keep it have held it so far.
			lifetimes.hold(value.turned);
			lifetimes.release(value.turned);
		};
		// Whoever called holds the input, and reads the output.
		lifetimes.hold(x);
		enter(input, x, false);
		for (const compiled of nodes) {
			const { node, entry, apply, wanted, last } = compiled;
			const given = node.inputs.map(lookUp);
			const nhwc = orderOf(entry, given);
			const inputs = arrange(tf, entry, nhwc, given);
			const isTaped = (step.training || byInput) && wanted.includes(true);
			const applied = run(apply(nhwc), inputs, step, isTaped);
			const outputs = [applied.output, ...(applied.others ?? [])];
			outputs.forEach((tensor, index) => {
				const name = node.outputs[index];
				lifetimes.hold(tensor);
				if (name) enter(name, tensor, nhwc && tensor.shape.length === 4);
			});
			if (isTaped) {
				const all = inputs.flatMap((input) => input?.tensor ?? []);
				const kept = applied.keeps ?? [...all, ...outputs];
				kept.forEach(lifetimes.hold);
				tape.push({ compiled, applied, inputs, kept });
			}
			outputs.forEach(lifetimes.release);
			last.forEach(leave);
		}
		const end = lookUp(result) as Value;
		const { tensor } = inOrder(tf, end, false);
		lifetimes.hold(tensor);
		return {
			output: tensor,
			backward: (upstream) => {
				const first = end.nhwc ? toNhwc(tf, upstream) : upstream;
				return propagate(tf, tape, result, first, learns, lifetimes);
			},
		};
	}

	/** What no gradient will ask for is freed with the node. */
	function run(
		apply: Apply,
		inputs: readonly (Arranged | undefined)[],
		step: Step,
		isTaped: boolean,
	): Applied {
		const work = () =>
			apply(
				inputs.map((input) => input?.tensor),
				step,
			);
		if (isTaped) return work();
		const outputs = tf.tidy(() => {
			const { output, others = [] } = work();
			return [output, ...others];
		});
		const [output, ...others] = outputs as [Tensor, ...Tensor[]];
		return { output, others, gradient: () => [] };
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
	learns: (name: string) => boolean,
): readonly Compiled[] {
	const learning = new Set<string>(
		[...graph.initializers, ...graph.inputs]
			.map(({ name }) => name)
			.filter(learns),
	);
	const viewOf = viewsOf(tf, graph, parameters);
	const lastRead = new Map<string, GraphNode>();
	for (const node of graph.nodes)
		for (const name of [...node.outputs, ...node.inputs])
			lastRead.set(name, node);
	for (const { name } of graph.outputs) lastRead.delete(name);
	return graph.nodes.map((node) => {
		const last = [...new Set([...node.inputs, ...node.outputs])].filter(
			(name) => lastRead.get(name) === node,
		);
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
		return { node, entry, apply, wanted, last };
	});
}

function propagate(
	tf: Tf,
	tape: readonly Taped[],
	result: string,
	upstream: Tensor,
	learns: (name: string) => boolean,
	lifetimes: Lifetimes,
): ReadonlyMap<string, Tensor> {
	const gradients = new Map<string, Tensor>();
	const set = (name: string, gradient: Tensor) => {
		const before = gradients.get(name);
		lifetimes.hold(gradient);
		gradients.set(name, gradient);
		if (before) lifetimes.release(before);
	};
	lifetimes.hold(upstream);
	set(result, upstream);
	for (const { compiled, applied, inputs, kept } of tape.toReversed()) {
		const { node, wanted } = compiled;
		const [first, ...others] = node.outputs.map((name) => gradients.get(name));
		if (first || others.some((gradient) => gradient)) {
			const given = tidied(tf, () => {
				const above = first ?? tf.zeros(applied.output.shape);
				return applied
					.gradient(above, wanted, others)
					.map((gradient, index) =>
						gradient && wanted[index]
							? (inputs[index]?.back?.(tf, gradient) ?? gradient)
							: undefined,
					);
			});
			given.forEach((gradient, index) => {
				if (!gradient) return;
				const name = node.inputs[index] as string;
				const sofar = gradients.get(name);
				// Held for a moment, so that one that is added up is freed.
				lifetimes.hold(gradient);
				set(name, sofar ? tf.add(sofar, gradient) : gradient);
				lifetimes.release(gradient);
			});
		}
		for (const name of node.outputs) {
			const gradient = gradients.get(name);
			if (gradient && gradients.delete(name)) lifetimes.release(gradient);
		}
		kept.forEach(lifetimes.release);
	}
	return new Map([...gradients].filter(([name]) => learns(name)));
}

/** tf.tidy whose result may have gaps. */
function tidied(
	tf: Tf,
	work: () => readonly (Tensor | undefined)[],
): readonly (Tensor | undefined)[] {
	let made: readonly (Tensor | undefined)[] = [];
	tf.tidy(() => {
		made = work();
		return made.filter((tensor) => tensor !== undefined);
	});
	return made;
}
