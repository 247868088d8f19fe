import { parametersOf } from "../model/graph.ts";
import type { Graph } from "../model/types.ts";
import { parameterRoles } from "./parameter-roles.ts";

/** A run of layers that layer_decay treats as one. */
export interface Block {
	/** `layer4.1`, `encoder.layers.encoder_layer_3`, `head`. */
	readonly name: string;
	/** Names of its parameters, in graph order. */
	readonly parameters: readonly string[];
}

/**
 * The blocks of a network from its input to its head, as timm's group matchers have them
 * (timm/models/_manipulate.py group_parameters with coarse=False):
 *   - a numbered module and all inside it: layer1.0, features.3, encoder.layers.encoder_layer_0
 *   - what comes before the first of these: one block, the stem (conv1 with bn1; class token, positions and patches)
 *   - any other module by itself; where it only normalizes, a part of the block before it (timm's 99999)
 *   - what `head` or `replace` added: one block, the last
 * A classifier of several layers is several blocks here, one in timm.
 */
export function blocksOf(
	graph: Graph,
	added: readonly string[],
): readonly Block[] {
	const isNew = new Set(added);
	const roles = parameterRoles(graph);
	const blocks: { name: string; parameters: string[] }[] = [];
	const head: string[] = [];
	let isStem = hasNumbered(graph, isNew);
	for (const { name, layer } of inOrder(graph)) {
		if (isNew.has(name)) {
			head.push(name);
			continue;
		}
		const module = moduleOf(layer);
		if (module.isNumbered) isStem = false;
		const known = isStem
			? blocks[0]
			: blocks.findLast((block) => block.name === module.name);
		const block = known ?? { name: module.name, parameters: [] };
		if (known === undefined) blocks.push(block);
		block.parameters.push(name);
	}
	const merged: { name: string; parameters: string[] }[] = [];
	for (const block of blocks) {
		const before = merged.at(-1);
		const isNorm = block.parameters.every((name) => roles.get(name)?.norm);
		if (before && isNorm) before.parameters.push(...block.parameters);
		else merged.push({ ...block, parameters: [...block.parameters] });
	}
	if (head.length > 0) merged.push({ name: "head", parameters: head });
	return merged;
}

function hasNumbered(graph: Graph, isNew: ReadonlySet<string>): boolean {
	return inOrder(graph).some(
		({ name, layer }) => !isNew.has(name) && moduleOf(layer).isNumbered,
	);
}

/** Parameters in the order in which the network first reads them, with the layer that does. */
function inOrder(graph: Graph): readonly { name: string; layer: string }[] {
	const left = new Set(parametersOf(graph).map(({ name }) => name));
	return graph.nodes.flatMap(({ inputs, layer }) =>
		inputs.filter((name) => left.delete(name)).map((name) => ({ name, layer })),
	);
}

/** Of layer1.0.conv1 it is layer1.0; of a name without numbers the name itself. */
function moduleOf(layer: string): { name: string; isNumbered: boolean } {
	const parts = layer.split(/[./]/).filter((part) => part !== "");
	const isInner = (index: number) => index < parts.length - 1;
	const first = parts.findIndex(
		(part, index) => /^\d+$/.test(part) || (/\d$/.test(part) && isInner(index)),
	);
	if (first < 0) return { name: parts.join("."), isNumbered: false };
	let end = first + 1;
	const isBare = (part: string | undefined) => /^\d+$/.test(part ?? "");
	// denseblock1.denselayer2 and layer1.0, but of encoder_layer_0.mlp.0 only the first.
	while (
		isBare(parts[end]) ||
		(!isBare(parts[end - 1]) && /\d$/.test(parts[end] ?? "") && isInner(end))
	)
		end++;
	return { name: parts.slice(0, end).join("."), isNumbered: true };
}
