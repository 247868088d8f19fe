import type { OptimizerChoice, TrainOptions } from "../experiment/types.ts";
import type { Graph } from "../model/types.ts";
import { blocksOf } from "./blocks.ts";
import { matchesLayer } from "./freeze.ts";
import { parameterRoles } from "./parameter-roles.ts";

/** Parameters that share a learning rate and a weight decay: one of torch.optim's parameter groups. */
export interface ParameterGroup {
	/** Of whom it is: globs of the file, a block of layers, "all others". */
	readonly label: string;
	/** Names, in graph order. */
	readonly parameters: readonly string[];
	/** What the schedule starts from or leads to. */
	readonly learningRate: number;
	/** What the scheduled rate is multiplied by (timm's lr_scale). */
	readonly lrScale: number;
	readonly weightDecay: number;
}

/** A network and what of it learns. */
export interface LearningNetwork {
	readonly graph: Graph;
	readonly trainable: readonly string[];
	readonly added: readonly string[];
}

/** What groups are made by. */
export type GroupingOptions = Pick<
	TrainOptions,
	| "learning_rate"
	| "optimizer"
	| "parameter_groups"
	| "layer_decay"
	| "no_weight_decay"
>;

/**
 * The groups of what learns, in graph order of their first parameters; undefined where all of it shares one rate. Pure.
 *
 *   rate   schedule(group's learning_rate or train's) x lr_scale x layer_decay ^ blocks behind its own
 *   decay  0 where no_weight_decay says so, else the group's or the optimizer's
 */
export function parameterGroups(
	{ graph, trainable, added }: LearningNetwork,
	train: GroupingOptions,
): readonly ParameterGroup[] | undefined {
	const { parameter_groups = [], layer_decay, no_weight_decay = [] } = train;
	const isPlain =
		parameter_groups.length === 0 &&
		layer_decay === undefined &&
		no_weight_decay.length === 0;
	if (isPlain) return undefined;
	const layers = layersOfParameters(graph);
	const roles = parameterRoles(graph);
	const blocks = blocksOf(graph, added);
	const blockOf = new Map(
		blocks.flatMap(({ parameters }, index) =>
			parameters.map((name) => [name, index] as const),
		),
	);
	const groups = new Map<
		string,
		ParameterGroup & { readonly parameters: string[] }
	>();
	for (const name of trainable) {
		const asked = parameter_groups.findIndex(({ layers: globs }) =>
			globs.some((glob) => isWithin(glob, layers.get(name))),
		);
		const group = parameter_groups[asked];
		const block = blockOf.get(name) ?? blocks.length - 1;
		const depth = blocks.length - 1 - block;
		const isFree = no_weight_decay.some((role) => roles.get(name)?.[role]);
		const key = [asked, layer_decay === undefined ? 0 : block, isFree].join();
		const known = groups.get(key) ?? {
			label: labelOf(
				group?.layers,
				layer_decay === undefined ? undefined : blocks[block]?.name,
			),
			parameters: [],
			learningRate: group?.learning_rate ?? train.learning_rate,
			lrScale: (group?.lr_scale ?? 1) * (layer_decay ?? 1) ** depth,
			weightDecay: isFree
				? 0
				: (group?.weight_decay ?? weightDecayOf(train.optimizer)),
		};
		known.parameters.push(name);
		groups.set(key, known);
	}
	return [...groups.values()];
}

/** The layers that read each initializer. */
export function layersOfParameters(
	graph: Graph,
): ReadonlyMap<string, readonly string[]> {
	const layers = new Map<string, string[]>();
	for (const { inputs, layer } of graph.nodes)
		for (const name of inputs) {
			const known = layers.get(name);
			if (known) known.push(layer);
			else layers.set(name, [layer]);
		}
	return layers;
}

/** Whether a glob takes a parameter that these layers read. */
export function isWithin(
	glob: string,
	layers: readonly string[] | undefined,
): boolean {
	return layers?.some((layer) => matchesLayer(glob, layer)) ?? false;
}

/** The weight decay that an optimizer has for parameters without one of their own. */
export function weightDecayOf(choice: OptimizerChoice): number {
	const [options] = Object.values(choice) as [{ weight_decay: number }];
	return options.weight_decay;
}

function labelOf(
	globs: readonly string[] | undefined,
	block: string | undefined,
): string {
	const words = [block, globs?.join(", ")].filter((word) => word !== undefined);
	return words.length === 0 ? "all others" : words.join(" in ");
}
