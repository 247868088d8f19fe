import { inferTensors } from "../shapes.ts";
import type { Graph, GraphNode, Initializer } from "../types.ts";

/**
 * Exporters write `If` where PyTorch looks at a shape (squeeze of a dimension that they do not know). Once the
 * photos' size is known, so is the branch: it takes the place of the If, its tensors and nodes with the If's name
 * in front.
 * @param input name and shape of the only input, as far as it is given; a free batch is a name.
 * @returns the graph unchanged where no condition follows from the shapes, whatever the batch.
 */
export function takeBranches(
	graph: Graph,
	input: {
		readonly name: string;
		readonly shape: readonly (number | string)[];
	},
): Graph {
	if (graph.nodes.every(({ op }) => op !== "If")) return graph;
	const [batch, ...rest] = input.shape;
	const sizes = rest.map(Number);
	const batches = typeof batch === "number" ? [batch] : [1, 2];
	const known = batches.map((n) =>
		inferTensors(graph, new Map([[input.name, [n, ...sizes]]])),
	);
	for (const node of graph.nodes) {
		if (node.op !== "If") continue;
		const conditions = known.map(
			(tensors) => tensors.get(node.inputs[0] ?? "")?.values?.[0],
		);
		const [condition] = conditions;
		if (condition === undefined || conditions.some((one) => one !== condition))
			continue;
		const branch =
			node.attributes[condition === 0 ? "else_branch" : "then_branch"];
		// What comes after may depend on it, so inference begins anew.
		return takeBranches(replaced(graph, node, branch as Graph), input);
	}
	return graph;
}

/** The graph with the branch in the place of the If. */
function replaced(graph: Graph, node: GraphNode, branch: Graph): Graph {
	const own = new Set([
		...branch.initializers.map(({ name }) => name),
		...branch.nodes.flatMap(({ outputs }) => outputs),
	]);
	const made = new Set(branch.nodes.flatMap(({ outputs }) => outputs));
	const names = new Map<string, string>();
	for (const name of own) if (name) names.set(name, `${node.name}/${name}`);
	const passed: GraphNode[] = [];
	branch.outputs.forEach(({ name }, index) => {
		const result = node.outputs[index];
		if (!result) return;
		const first = branch.outputs.findIndex((other) => other.name === name);
		if (made.has(name) && first === index) names.set(name, result);
		else passed.push(identity(node, index, names.get(name) ?? name, result));
	});
	const renamed = (name: string) => names.get(name) ?? name;
	const nodes = branch.nodes.map((inner) => {
		const name = `${node.name}/${inner.name}`;
		return { ...withTensors(inner, renamed), name, layer: name };
	});
	const initializers = branch.initializers.map(
		(item): Initializer => ({ ...item, name: renamed(item.name) }),
	);
	return {
		...graph,
		nodes: graph.nodes.flatMap((other) =>
			other === node ? [...nodes, ...passed] : [other],
		),
		initializers: [...graph.initializers, ...initializers],
	};
}

/** A node whose tensors, and those that its own subgraphs capture, bear other names. */
function withTensors(
	node: GraphNode,
	renamed: (name: string) => string,
): GraphNode {
	const attributes = Object.entries(node.attributes).map(([key, value]) => [
		key,
		typeof value === "object" && "nodes" in value
			? {
					...value,
					nodes: value.nodes.map((inner) => withTensors(inner, renamed)),
					outputs: value.outputs.map((output) => ({
						...output,
						name: renamed(output.name),
					})),
				}
			: value,
	]);
	return {
		...node,
		inputs: node.inputs.map(renamed),
		outputs: node.outputs.map(renamed),
		attributes: Object.fromEntries(attributes),
	};
}

/** A branch may hand on what it has not made itself. */
function identity(
	{ name, domain }: GraphNode,
	index: number,
	from: string,
	to: string,
): GraphNode {
	const own = `${name}/output_${index}`;
	return {
		name: own,
		op: "Identity",
		domain,
		inputs: [from],
		outputs: [to],
		attributes: {},
		layer: own,
	};
}
