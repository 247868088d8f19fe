import type { Diagnostic } from "../diagnostic.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import { layersOf } from "../model/graph.ts";
import { blocksOf } from "./blocks.ts";
import { matchesLayer, nearestGlob } from "./freeze.ts";
import {
	isWithin,
	type LearningNetwork,
	layersOfParameters,
	weightDecayOf,
} from "./groups.ts";
import { placed } from "./place.ts";

/** What parameter_groups, layer_decay and no_weight_decay say that this network cannot mean. */
export function groupProblems(
	loaded: LoadedExperiment,
	backbone: string,
	network: LearningNetwork,
): readonly Diagnostic[] {
	return [
		...globProblems(loaded, backbone, network),
		...twiceProblems(loaded, network),
		...idleProblems(loaded, network),
	];
}

const AT = ["train", "parameter_groups"];

/** Globs that match nothing, or nothing that learns. */
function globProblems(
	loaded: LoadedExperiment,
	backbone: string,
	{ graph, trainable }: LearningNetwork,
): readonly Diagnostic[] {
	const { parameter_groups = [] } = loaded.experiment.train;
	const layers = layersOf(graph);
	const readers = layersOfParameters(graph);
	return parameter_groups.flatMap(({ layers: globs }, group) =>
		globs.flatMap((glob, index): readonly Diagnostic[] => {
			const at = [...AT, group, "layers", index];
			if (trainable.some((name) => isWithin(glob, readers.get(name))))
				return [];
			if (layers.some((layer) => matchesLayer(glob, layer)))
				return [frozen(loaded, at, glob, readers, trainable)];
			const near = nearestGlob(glob, layers);
			return [
				placed(loaded, at, {
					severity: "error",
					code: "unknown-layer",
					message: `"${glob}" matches no layer of ${backbone}`,
					reason:
						"parameter_groups take layer names and globs over them; graft plan --layers lists them",
					...(near === undefined
						? {}
						: { fix: `did you mean "${near}"?`, suggestion: near }),
				}),
			];
		}),
	);
}

function frozen(
	loaded: LoadedExperiment,
	at: readonly (string | number)[],
	glob: string,
	readers: ReadonlyMap<string, readonly string[]>,
	trainable: readonly string[],
): Diagnostic {
	const learning = [
		...new Set(trainable.flatMap((name) => readers.get(name) ?? [])),
	];
	const some = learning.slice(0, 4).join(", ");
	return placed(loaded, at, {
		severity: "error",
		code: "group-learns-nothing",
		message: `"${glob}" is given a learning rate of its own, but nothing in it learns`,
		reason: `what it matches is frozen or has no parameters; what learns: ${some}${learning.length > 4 ? `, and ${learning.length - 4} more` : ""}`,
		fix: "take it out of model.freeze, or out of this group",
	});
}

/** Parameters that two groups claim. */
function twiceProblems(
	loaded: LoadedExperiment,
	{ graph, trainable }: LearningNetwork,
): readonly Diagnostic[] {
	const { parameter_groups = [] } = loaded.experiment.train;
	const readers = layersOfParameters(graph);
	const told = new Set<string>();
	return trainable.flatMap((name) => {
		const claims = parameter_groups.flatMap(({ layers }, group) => {
			const index = layers.findIndex((glob) =>
				isWithin(glob, readers.get(name)),
			);
			return index < 0 ? [] : [{ group, index, glob: layers[index] }];
		});
		const [first, second] = claims;
		if (first === undefined || second === undefined) return [];
		const pair = `${first.glob} ${second.glob}`;
		if (told.has(pair)) return [];
		told.add(pair);
		const layer = readers.get(name)?.[0] ?? name;
		return [
			placed(loaded, [...AT, second.group, "layers", second.index], {
				severity: "error",
				code: "layer-in-two-groups",
				message: `"${layer}" is in two parameter groups: by "${first.glob}" in the ${ordinal(first.group)} and by "${second.glob}" in the ${ordinal(second.group)}`,
				reason: "a parameter has one learning rate and one weight decay",
				fix: "name each layer in one group only",
			}),
		];
	});
}

/** Options that change nothing here. */
function idleProblems(
	loaded: LoadedExperiment,
	{ graph, trainable, added }: LearningNetwork,
): readonly Diagnostic[] {
	const { layer_decay, no_weight_decay, parameter_groups, optimizer } =
		loaded.experiment.train;
	const found: Diagnostic[] = [];
	const idle = (key: string, message: string, reason: string, fix: string) =>
		found.push(
			placed(loaded, ["train", key], {
				...{ severity: "warning", code: "option-without-effect" },
				...{ message, reason, fix },
			}),
		);
	const learns = new Set(trainable);
	const blocks = blocksOf(graph, added).filter(({ parameters }) =>
		parameters.some((name) => learns.has(name)),
	);
	if (layer_decay !== undefined && layer_decay !== 1 && blocks.length === 1)
		idle(
			"layer_decay",
			`layer_decay is ${layer_decay}, but all that learns is one block of layers: ${blocks[0]?.name}`,
			"the head has the whole learning rate; the decay is for the blocks before it",
			"freeze less, or leave layer_decay out",
		);
	const decays =
		weightDecayOf(optimizer) > 0 ||
		parameter_groups?.some(({ weight_decay = 0 }) => weight_decay > 0);
	if (no_weight_decay !== undefined && !decays)
		idle(
			"no_weight_decay",
			"no_weight_decay is given, but nothing has weight decay",
			`the weight_decay of ${Object.keys(optimizer)[0]} is 0`,
			`give the optimizer a weight_decay: { ${Object.keys(optimizer)[0]}: { weight_decay: 0.01 } }, or leave no_weight_decay out`,
		);
	return found;
}

function ordinal(index: number): string {
	return ["first", "second", "third"][index] ?? `${index + 1}th`;
}
