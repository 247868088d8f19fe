import { RunError } from "../../diagnostic.ts";
import { initializersByName, tensorOfInitializer } from "../../model/graph.ts";
import type { Known } from "../../model/shapes/rule.ts";
import { inferTensors } from "../../model/shapes.ts";
import type { Graph, GraphNode, Weights } from "../../model/types.ts";
import { type Builder, FLOAT, openBuilder, shapeDef } from "./builder.ts";
import { constantOf, floats, ints } from "./constants.ts";
import { evaluate } from "./evaluate.ts";
import { fuse } from "./fuse.ts";
import { CONVERTERS } from "./operators/table.ts";
import { heldShape, known, made, type Place, Refusal } from "./place.ts";
import type { TfGraph, Value } from "./types.ts";

/**
 * A Graph in TensorFlow's words, pure:
 *
 *   ONNX, NCHW ─ fuse ─ node by node: known already? evaluate : CONVERTERS[op] ─→ NodeDefs, NHWC where tfjs computes so
 *
 * Sizes are inferred for two batches; what differs between them is the batch, -1.
 * @param graph with one input, float32; a map goes in as [n, h, w, c]
 * @throws RunError "export-unsupported", which names the first layer that cannot be written
 */
export function convertGraph(graph: Graph, weights: Weights): TfGraph {
	const net = openBuilder(graph.outputs.map(({ name }) => name));
	const [input] = graph.inputs;
	if (input === undefined) throw new Error("internal: a network has an input");
	const facts = factsOf(graph);
	const initializers = initializersByName(graph);
	const values = new Map<string, Value>();
	const shape = facts(input.name).shape ?? [];
	const held = heldShape(shape, true);
	const pixels = net.add("Placeholder", input.name, [], {
		dtype: FLOAT,
		shape: { shape: shapeDef(held) },
	});
	values.set(input.name, made(pixels, shape, shape.length === 4));
	const lookUp = (name: string): Value => {
		const found = values.get(name);
		if (found !== undefined) return found;
		const initializer = initializers.get(name);
		if (initializer === undefined)
			throw new Error(`internal: nothing makes "${name}"`);
		const value = known(
			constantOf(tensorOfInitializer(initializer, weights)),
			name,
		);
		values.set(name, value);
		return value;
	};

	for (const node of needed(fuse(graph), facts)) {
		const place = placeOf(node, graph.opset, net, lookUp, facts);
		convertNode(place, facts).forEach((value, index) => {
			const name = node.outputs[index];
			if (name) values.set(name, value);
		});
	}
	const outputs = graph.outputs.map(({ name }) => {
		const value = lookUp(name);
		net.finish(name, net.inOrder(value, false));
		return { name, shape: value.shape };
	});
	return {
		nodes: net.nodes,
		constants: net.constants,
		input: { name: pixels, shape: held },
		outputs,
	};
}

/** Inputs that say a shape, which inference has found out already. */
const SHAPE_INPUTS: Readonly<Record<string, readonly number[]>> = {
	Expand: [1],
	Reshape: [1],
	Resize: [1, 3],
	Squeeze: [1],
	Unsqueeze: [1],
};

/** The nodes that the outputs are computed from: not those that compute shapes from the size of the batch. */
function needed({ nodes, outputs }: Graph, facts: Facts): readonly GraphNode[] {
	const wanted = new Set(outputs.map(({ name }) => name));
	const kept = nodes.toReversed().filter((node) => {
		if (!node.outputs.some((name) => wanted.has(name))) return false;
		if (facts(node.outputs[0] ?? "").values !== undefined) return true;
		const shapes = SHAPE_INPUTS[node.op] ?? [];
		node.inputs.forEach((name, index) => {
			if (!shapes.includes(index)) wanted.add(name);
		});
		return true;
	});
	return kept.toReversed();
}

/** What is known of a tensor: -1 where a size grows with the batch, and values where they do not depend on it. */
type Facts = (tensor: string) => Known;

function factsOf(graph: Graph): Facts {
	const [input] = graph.inputs;
	const sizesOf = (batch: number) =>
		input?.shape?.map((size) => (typeof size === "string" ? batch : size)) ??
		[];
	const [a, b] = [2, 3].map((batch) =>
		inferTensors(graph, new Map([[input?.name ?? "", sizesOf(batch)]])),
	);
	return (tensor) => {
		const [one, two] = [a?.get(tensor) ?? {}, b?.get(tensor) ?? {}];
		const isSame = String(one.values) === String(two.values);
		return {
			dtype: one.dtype,
			shape:
				one.shape?.length === two.shape?.length
					? one.shape?.map((size, axis) =>
							size === two.shape?.[axis] ? size : -1,
						)
					: undefined,
			values: isSame ? one.values : undefined,
		};
	};
}

function placeOf(
	node: GraphNode,
	opset: number,
	net: Builder,
	lookUp: (name: string) => Value,
	facts: Facts,
): Place {
	const given = (index: number) => {
		const name = node.inputs[index];
		return name ? lookUp(name) : undefined;
	};
	return {
		...{ node, opset, net, given, count: node.inputs.length },
		number(name, otherwise) {
			const value = node.attributes[name];
			return typeof value === "number" ? value : otherwise;
		},
		ints(name) {
			const value = node.attributes[name];
			return Array.isArray(value) ? (value as readonly number[]) : undefined;
		},
		input(index) {
			const value = given(index);
			if (value === undefined)
				throw new Error(`internal: input ${index} is missing`);
			return value;
		},
		shape(output = 0) {
			const { shape } = facts(node.outputs[output] ?? "");
			if (shape === undefined)
				throw new Refusal("makes a tensor of a size that is not known");
			return shape;
		},
	};
}

function convertNode(place: Place, facts: Facts): readonly Value[] {
	const { node } = place;
	try {
		const { values, shape, dtype } = facts(node.outputs[0] ?? "");
		if (values && shape && dtype !== "bool") {
			const isFloat = /float/.test(dtype ?? "");
			const constant = isFloat
				? floats(shape, [...values])
				: ints(shape, values);
			return [known(constant, node.outputs[0])];
		}
		const shapes = SHAPE_INPUTS[node.op] ?? [];
		const inputs = node.inputs.flatMap((_, index) =>
			shapes.includes(index) ? [] : (place.given(index) ?? []),
		);
		const constants = inputs.flatMap(({ constant }) => constant ?? []);
		const isWhole = shape !== undefined && !shape.includes(-1);
		if (isWhole && constants.length === inputs.length && inputs.length > 0) {
			const constant = evaluate(place, constants);
			if (constant !== undefined) return [known(constant, node.outputs[0])];
		}
		const convert = node.domain === "" ? CONVERTERS[node.op] : undefined;
		if (convert === undefined)
			throw new Refusal("has no counterpart that Graft knows in tfjs");
		return [convert(place)].flat();
	} catch (error) {
		if (error instanceof Refusal) throw unsupported(node, error.message);
		throw error;
	}
}

function unsupported(node: GraphNode, reason: string): RunError {
	const op = node.domain ? `${node.domain}.${node.op}` : node.op;
	return new RunError(
		"export-unsupported",
		`the layer "${node.layer}" cannot be written for tfjs: its operator ${op} ${reason}`,
		{
			fix: "graft export RUN --to onnx, or --to safetensors, writes the network whole",
		},
	);
}
