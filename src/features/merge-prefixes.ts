import { canonicalJson, type Json } from "../fingerprint.ts";
import { sizeOf } from "../model/dtypes.ts";
import type { Graph, GraphNode, Initializer } from "../model/types.ts";
import { prefixOf } from "../plan/suffix.ts";

/** Several cuts of one network. */
export interface Cut {
	readonly graph: Graph;
	readonly cutTensor: string;
	/** Of one row, without the batch dimension. */
	readonly featureShape: readonly number[];
}

/** One network whose row is the rows of all cuts, one after the other. */
export interface MergedCuts {
	readonly graph: Graph;
	readonly cutTensor: string;
	readonly featureShape: readonly number[];
	/** Where each cut's numbers begin in a row; one more at the end. */
	readonly starts: readonly number[];
}

/**
 * Nodes that compute the same from the same are taken once, so that a pass over the network up to its latest cut gives
 * all rows. The networks may differ after what they share: heads attach to each with layers of the same names.
 * @returns undefined where they are not cuts of one network, one of them is at the input, or one lies between operators
 *   that onnxruntime computes as one: looked at there, it would compute them one by one, and later rows differ in their
 *   last digits from those of a pass of their own.
 */
export function mergePrefixes(cuts: readonly Cut[]): MergedCuts | undefined {
	const [first] = cuts;
	const input = first?.graph.inputs[0];
	if (first === undefined || input === undefined) return undefined;
	const nodes: GraphNode[] = [];
	const initializers = new Map<string, Initializer>();
	const byMeaning = new Map<string, readonly string[]>();
	const taken = new Set<string>([input.name]);
	const rows: string[] = [];
	/** By cut: tensor → nodes of its own prefix that take it. */
	const uses: Map<string, number>[] = [];
	for (const { graph, cutTensor } of cuts) {
		const prefix = prefixOf(graph, cutTensor);
		const sameInput =
			meaning(prefix.inputs) === meaning(first.graph.inputs) &&
			prefix.opset === first.graph.opset;
		if (!sameInput || cutTensor === input.name) return undefined;
		for (const initializer of prefix.initializers) {
			const known = initializers.get(initializer.name);
			if (known && meaning(known) !== meaning(initializer)) return undefined;
			initializers.set(initializer.name, initializer);
		}
		const renamed = new Map<string, string>();
		let shares = rows.length === 0;
		const used = new Map<string, number>();
		uses.push(used);
		const nameOf = (tensor: string) => renamed.get(tensor) ?? tensor;
		for (const node of prefix.nodes) {
			const inputs = node.inputs.map(nameOf);
			const { op, domain, attributes } = node;
			const count = node.outputs.length;
			const key = meaning({ op, domain, attributes, inputs, count });
			const known = byMeaning.get(key);
			const outputs = known ?? node.outputs.map((name) => free(name, taken));
			node.outputs.forEach((name, index) => {
				renamed.set(name, outputs[index]);
			});
			for (const name of new Set(inputs))
				used.set(name, (used.get(name) ?? 0) + 1);
			if (known !== undefined) {
				shares = true;
				continue;
			}
			byMeaning.set(key, outputs);
			for (const name of outputs) taken.add(name);
			nodes.push({
				...node,
				name: `${nodes.length}:${node.name}`,
				inputs,
				outputs,
			});
		}
		if (!shares) return undefined;
		rows.push(nameOf(cutTensor));
	}
	if ([...initializers.keys()].some((name) => taken.has(name)))
		return undefined;
	if (branches(nodes, uses, rows).some((name) => isInside(nodes, name)))
		return undefined;
	return joined(first.graph, nodes, [...initializers.values()], rows, cuts);
}

function joined(
	base: Graph,
	nodes: GraphNode[],
	initializers: readonly Initializer[],
	rows: readonly string[],
	cuts: readonly Cut[],
): MergedCuts {
	const add = (op: string, name: string, inputs: readonly string[]) => {
		const attributes = { axis: 1 };
		const plain = { name, op, domain: "", layer: name };
		nodes.push({ ...plain, inputs, outputs: [name], attributes });
		return name;
	};
	const flat = rows.map((row, index) =>
		add("Flatten", `graft:row.${index}`, [row]),
	);
	const cutTensor = add("Concat", "graft:rows", flat);
	const starts = [0];
	for (const { featureShape } of cuts)
		starts.push((starts.at(-1) ?? 0) + sizeOf(featureShape));
	const width = starts.at(-1) as number;
	const { valueInfo: _, ...rest } = base;
	const batch = base.inputs[0]?.shape?.[0] ?? "n";
	return {
		graph: {
			...rest,
			nodes,
			initializers,
			outputs: [{ name: cutTensor, dtype: "float32", shape: [batch, width] }],
		},
		cutTensor,
		featureShape: [width],
		starts,
	};
}

/** Operators that onnxruntime never joins with the one before them. */
const APART = new Set([
	...["Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool"],
	...["Flatten", "Concat", "Reshape", "Gemm", "Dropout", "Pad"],
]);
/** Operators behind which it joins nothing but an activation: a shortcut may begin there. */
const ENDS = new Set(["Relu", "Clip", "Add", "MaxPool"]);

/** Tensors that more nodes take than in a prefix alone, and the rows themselves. */
function branches(
	nodes: readonly GraphNode[],
	uses: readonly ReadonlyMap<string, number>[],
	rows: readonly string[],
): readonly string[] {
	const all = new Map<string, number>();
	for (const { inputs } of nodes)
		for (const name of new Set(inputs)) all.set(name, (all.get(name) ?? 0) + 1);
	const made = nodes.flatMap(({ outputs }) => outputs);
	return made.filter(
		(name) =>
			rows.includes(name) ||
			uses.some((used) => used.has(name) && used.get(name) !== all.get(name)),
	);
}

/** Whether a tensor lies between operators that may be computed as one (Conv, BatchNormalization, Add, Relu). */
function isInside(nodes: readonly GraphNode[], tensor: string): boolean {
	const maker = nodes.find(({ outputs }) => outputs.includes(tensor));
	const mayBranch = maker !== undefined && ENDS.has(maker.op);
	return nodes
		.filter(({ inputs }) => inputs.includes(tensor))
		.some(({ op }) => !APART.has(op) && !(op === "Add" && mayBranch));
}

/** What a part of a network is, as text; typed arrays and big integers included. */
function meaning(value: unknown): string {
	const plain = JSON.parse(
		JSON.stringify(value, (_, member: unknown) => {
			if (typeof member === "bigint") return `${member}n`;
			if (ArrayBuffer.isView(member))
				return Array.from(member as unknown as ArrayLike<unknown>, String);
			return typeof member === "number" && !Number.isFinite(member)
				? String(member)
				: member;
		}),
	) as Json;
	return canonicalJson(plain);
}

function free(wish: string, taken: ReadonlySet<string>): string {
	let name = wish;
	for (let number = 2; taken.has(name); number++) name = `${wish}@${number}`;
	return name;
}
