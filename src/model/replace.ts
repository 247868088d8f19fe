import { fail, ok, type Result } from "../diagnostic.ts";
import { nearest } from "../experiment/suggest.ts";
import type { Replacement } from "../experiment/types.ts";
import type { Edit } from "./edit.ts";
import { initializersByName, inputsOf, layersOf } from "./graph.ts";
import { type LayerFault, makeLayers } from "./new-layers.ts";
import type { Shapes } from "./shapes.ts";
import type { Graph, GraphNode } from "./types.ts";

/** Puts torch.nn's layers where a layer or a module is, or behind the last of an nn.Sequential. */

interface Place {
	/** The tensor that enters the new layers. */
	readonly input: string;
	/** The tensor whose readers read the new layers' instead. */
	readonly output: string;
	/** The new layers take the place of this many nodes from `index` on. */
	readonly index: number;
	readonly count: number;
}

/**
 * The network with `layer`, or the module that holds `<layer>.…`, replaced by `spec`. A name one past the end of a
 * Sequential (`classifier.7` in VGG16) appends to it. New layers learn; their initializers are named `<layer>.weight`,
 * of a list `<layer>.0.weight` …, and their nodes have torch.nn's meaning.
 * @param shapes of this graph, batch included.
 * @returns Diagnostics "unknown-layer" and "replace-shape".
 */
export function replaceLayer(
	graph: Graph,
	layer: string,
	spec: Replacement,
	shapes: Shapes,
): Result<Edit> {
	const place = placeOf(graph, layer);
	if (!place) return fail([unknownLayer(graph, layer)]);
	const result = makeLayers(layer, spec, place.input, shapes.get(place.input));
	if ("fault" in result) return fail([wrongShape(graph, layer, result.fault)]);
	const { made } = result;

	const before = graph.nodes.slice(0, place.index);
	const after = graph.nodes.slice(place.index + place.count);
	const [old, now] = [place.output, made.output];
	// A name that is read elsewhere in the network would mean two tensors.
	const read = (node: GraphNode): GraphNode => ({
		...node,
		inputs: node.inputs.map((name) => (name === old ? now : name)),
	});
	const nodes = [...before, ...made.nodes, ...after.map(read)];
	const isRead = new Set(nodes.flatMap(inputsOf));
	const fresh = new Set(made.initializers.map(({ name }) => name));
	const outputs = graph.outputs.map((info) =>
		info.name === old
			? {
					name: now,
					dtype: info.dtype,
					shape: [info.shape?.[0] ?? "n", ...made.shape.slice(1)],
				}
			: info,
	);
	return ok({
		graph: {
			...graph,
			nodes,
			outputs,
			initializers: [
				...graph.initializers.filter(
					({ name }) => isRead.has(name) && !fresh.has(name),
				),
				...made.initializers,
			],
		},
		added: made.initializers
			.filter(({ values }) => !values)
			.map(({ name }) => name),
		output: outputs[0]?.name ?? now,
	});
}

const isWithin = (layer: string, module: string) =>
	layer === module || layer.startsWith(`${module}.`);

function placeOf(graph: Graph, layer: string): Place | undefined {
	const own = chainOf(graph, layer);
	if (own !== undefined) return own;
	if (graph.nodes.some((node) => isWithin(node.layer, layer))) return undefined;
	const [, sequential, number] = /^(.+)\.(\d+)$/.exec(layer) ?? [];
	const before = chainOf(graph, `${sequential}.${Number(number) - 1}`);
	if (sequential === undefined || before === undefined) return undefined;
	return {
		input: before.output,
		output: before.output,
		index: before.index + before.count,
		count: 0,
	};
}

/** The nodes of a layer or module that stand together and have one way in and one way out. */
function chainOf(graph: Graph, layer: string): Place | undefined {
	const indices = graph.nodes.flatMap((node, index) =>
		isWithin(node.layer, layer) ? [index] : [],
	);
	const [index] = indices;
	const last = indices.at(-1);
	if (index === undefined || last === undefined) return undefined;
	if (last - index + 1 !== indices.length) return undefined;
	const inside = graph.nodes.slice(index, last + 1);
	const made = new Set(inside.flatMap(({ outputs }) => outputs));
	const initializers = initializersByName(graph);
	const entering = new Set(
		inside
			.flatMap(inputsOf)
			.filter((name) => !made.has(name) && !initializers.has(name)),
	);
	const outside = [
		...graph.nodes.slice(0, index),
		...graph.nodes.slice(last + 1),
	];
	const wanted = new Set([
		...outside.flatMap(inputsOf),
		...graph.outputs.map(({ name }) => name),
	]);
	const leaving = [...made].filter((name) => wanted.has(name));
	const [input] = entering;
	const [output] = leaving;
	if (entering.size !== 1 || leaving.length !== 1) return undefined;
	if (input === undefined || output === undefined) return undefined;
	return { input, output, index, count: inside.length };
}

function unknownLayer(graph: Graph, layer: string) {
	const layers = layersOf(graph);
	const isThere = layers.some((name) => isWithin(name, layer));
	const name = isThere ? undefined : nearest(layer, layers);
	return {
		severity: "error" as const,
		code: "unknown-layer",
		message: isThere
			? `"${layer}" of ${graph.name} cannot be replaced: it has more than one way in or out`
			: `"${layer}" is no layer of ${graph.name}`,
		reason: isThere
			? "layers of torch.nn take one tensor and give one"
			: `its last layers are ${layers.slice(-4).join(", ")}; a name one past the end of a Sequential appends a layer`,
		fix: isThere
			? "name a layer or module that stands in one line with its neighbours"
			: name === undefined
				? "graft plan --layers lists the layers"
				: `did you mean "${name}"?`,
		...(name === undefined ? {} : { suggestion: name }),
	};
}

function wrongShape(
	graph: Graph,
	layer: string,
	{ name, shape, reason, index }: LayerFault,
) {
	const came = shape ? `[n, ${shape.slice(1).join(", ")}]` : "unknown";
	const place = index === undefined ? "" : ` (layer ${index} of the list)`;
	const isMap = shape?.length === 4;
	return {
		severity: "error" as const,
		code: "replace-shape",
		message: `${name}${place} cannot take the place of "${layer}" in ${graph.name}: what enters it has the shape ${came}`,
		reason,
		fix:
			/vector/.test(reason) && isMap
				? "put AdaptiveAvgPool2d: 1 and Flatten before it, replace a layer behind the flatten, or leave replace out: head: linear pools the network's features itself"
				: "graft plan --layers shows what leaves each layer",
	};
}
