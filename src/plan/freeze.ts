import { nearest } from "../experiment/suggest.ts";
import type { Freeze } from "../experiment/types.ts";
import { layersOf, parametersOf } from "../model/graph.ts";
import type { Graph } from "../model/types.ts";

/** A name in `freeze` that matches no layer. */
export interface UnknownLayer {
	/** Where under `model` or a phase: ["freeze", 2]. */
	readonly at: readonly (string | number)[];
	readonly name: string;
	readonly nearest: string | undefined;
}

/** Which parameters of a network learn. */
export interface Frozen {
	/** Names of initializers that learn, in graph order. */
	readonly trainable: readonly string[];
	/** Running statistics that training moves: those of BatchNormalization that is not frozen, in graph order. */
	readonly buffers: readonly string[];
	readonly unknown: readonly UnknownLayer[];
}

/**
 * Applies `freeze` to a network: all, none, globs over layer names (`features.*`; a name alone also means
 * the layers inside it, as a torch module does), or every layer up to and including `until`. Layers of .onnx files also
 * go by the PyTorch modules they came from.
 * @param added initializers that `head` or `replace` made: they always learn.
 * @param batchNorm whether BatchNormalization that is not frozen takes the batch's statistics and moves the running ones.
 */
export function applyFreeze(
	graph: Graph,
	freeze: Freeze,
	added: ReadonlySet<string>,
	batchNorm: "train" | "eval" = "train",
): Frozen {
	const layerOf = new Map<string, string>();
	for (const node of graph.nodes)
		for (const input of node.inputs) layerOf.set(input, node.layer);
	const isNew = new Set([...added].map((name) => layerOf.get(name)));
	const layers = layersOf(graph).filter((layer) => !isNew.has(layer));
	const modules = new Map(
		graph.nodes.flatMap(({ layer, module }) =>
			module ? [[layer, module]] : [],
		),
	);
	const { frozen, unknown } = frozenLayers(layers, modules, freeze);
	const trainable = parametersOf(graph)
		.filter(({ name }) => !frozen.has(layerOf.get(name) ?? ""))
		.map(({ name }) => name);
	const known = new Set(graph.initializers.map(({ name }) => name));
	const moving = graph.nodes.filter(
		({ op, layer }) => op === "BatchNormalization" && !frozen.has(layer),
	);
	const buffers =
		batchNorm === "eval"
			? []
			: moving
					.flatMap(({ inputs }) => inputs.slice(3, 5))
					.filter((name) => known.has(name));
	return { trainable, buffers: [...new Set(buffers)], unknown };
}

function frozenLayers(
	layers: readonly string[],
	modules: ReadonlyMap<string, string>,
	freeze: Freeze,
): { frozen: ReadonlySet<string>; unknown: UnknownLayer[] } {
	if (freeze === "all") return { frozen: new Set(layers), unknown: [] };
	if (freeze === "none") return { frozen: new Set(), unknown: [] };
	const unknown: UnknownLayer[] = [];
	const names = [...layers, ...new Set(modules.values())];
	const isMatch = (glob: string, layer: string) =>
		matchesLayer(glob, layer) || matchesLayer(glob, modules.get(layer) ?? "");
	if (isGlobs(freeze)) {
		const frozen = new Set<string>();
		freeze.forEach((glob, index) => {
			const matched = layers.filter((layer) => isMatch(glob, layer));
			if (matched.length === 0) {
				unknown.push({
					at: ["freeze", index],
					name: glob,
					nearest: nearestGlob(glob, names),
				});
			}
			for (const layer of matched) frozen.add(layer);
		});
		return { frozen, unknown };
	}
	const last = layers.findLastIndex((layer) => isMatch(freeze.until, layer));
	if (last < 0) {
		unknown.push({
			at: ["freeze", "until"],
			name: freeze.until,
			nearest: nearest(freeze.until, names),
		});
	}
	return { frozen: new Set(layers.slice(0, last + 1)), unknown };
}

/** Of `featurs.*` it is `features.*`: globs are compared as the modules they stand for. */
export function nearestGlob(
	glob: string,
	layers: readonly string[],
): string | undefined {
	const stem = glob.replace(/\.?\*.*$/, "");
	if (stem === glob) return nearest(glob, layers);
	const modules = new Set(layers.flatMap(modulesAround));
	const near = nearest(stem, [...modules]);
	return near && `${near}${glob.slice(stem.length)}`;
}

/** Of `blocks.3.conv` it is `blocks` and `blocks.3`. */
function modulesAround(layer: string): readonly string[] {
	const parts = layer.split(".");
	return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("."));
}

function isGlobs(freeze: Freeze): freeze is readonly string[] {
	return Array.isArray(freeze);
}

/** `*` stands for any characters; a glob without one also matches what is inside the module it names. */
export function matchesLayer(glob: string, layer: string): boolean {
	const escaped = glob
		.replace(/[.+?^${}()|[\]\\]/g, "\\$&")
		.replaceAll("*", ".*");
	return (
		new RegExp(`^${escaped}$`).test(layer) ||
		(!glob.includes("*") && layer.startsWith(`${glob}.`))
	);
}
