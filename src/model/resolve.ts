import { nearest } from "../experiment/suggest.ts";
import { layersOf } from "./graph.ts";
import type { Graph } from "./types.ts";

/** Finds what a user means by the name of a place in the network. */

/** The tensor that was meant, or that there is none. */
export type Resolved =
	| { readonly ok: true; readonly tensor: string }
	/** `nearest`: the layer whose name is most alike, where one is. */
	| { readonly ok: false; readonly nearest: string | undefined };

/**
 * The tensor with this name; else the output of the node with this name; else the last output of the layer,
 * or of the module that holds the layers `<name>.…`, in .onnx files by PyTorch's names too; `logits` is the network's last output.
 */
export function resolveTensor(graph: Graph, name: string): Resolved {
	const tensors = new Set([
		...graph.inputs.map((input) => input.name),
		...graph.nodes.flatMap((node) => node.outputs),
	]);
	if (name !== "" && tensors.has(name)) return { ok: true, tensor: name };
	const output = graph.outputs.at(-1)?.name;
	const node =
		graph.nodes.find((candidate) => candidate.name === name) ??
		graph.nodes.findLast(({ layer }) => layer === name) ??
		graph.nodes.findLast(({ layer }) => layer.startsWith(`${name}.`)) ??
		graph.nodes.findLast(
			({ module }) => module === name || module?.startsWith(`${name}.`),
		);
	const tensor = node?.outputs[0] ?? (name === "logits" ? output : undefined);
	if (tensor !== undefined) return { ok: true, tensor };
	return { ok: false, nearest: nearest(name, placesOf(graph)) };
}

/** Every name that `resolveTensor` knows, layers first. */
function placesOf(graph: Graph): readonly string[] {
	return [
		...new Set([
			...layersOf(graph),
			...graph.nodes.flatMap(({ module }) => module ?? []),
			...graph.nodes.flatMap(({ name, outputs }) => [name, ...outputs]),
			"logits",
		]),
	].filter((place) => place !== "");
}
