import type { Diagnostic } from "../diagnostic.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import { producers } from "../model/graph.ts";
import type { Shapes } from "../model/shapes.ts";
import type { Graph } from "../model/types.ts";
import { placed } from "./place.ts";

/** Keys of `model` that change nothing here, which only the network tells. */

/** @param cuts the tensors that training is cut at, one a phase. */
export function idlePrecision(
	loaded: LoadedExperiment,
	{ inputs }: Graph,
	cuts: readonly string[],
): readonly Diagnostic[] {
	const { precision, freeze } = loaded.experiment.model;
	const isInt8 = precision !== undefined && "int8" in precision;
	// freeze: none is told without the network.
	const isTold =
		freeze === "none" && loaded.experiment.train.phases === undefined;
	if (!isInt8 || isTold || cuts.some((cut) => cut !== inputs[0]?.name))
		return [];
	return [
		placed(loaded, ["model", "precision"], {
			severity: "warning",
			code: "int8-without-prefix",
			message:
				"precision is int8, but the first layers of the network are not frozen",
			reason:
				"only what comes before all that learns runs in int8, and here that is nothing",
			fix: 'remove "precision", or freeze the first layers: graft plan --layers lists them',
		}),
	];
}

/**
 * Whether `global_pool` has a map or tokens to pool.
 * @param tensors where the head attaches; undefined: `replace` or `head: keep` leave the network's own classifier.
 */
export function idlePool(
	loaded: LoadedExperiment,
	graph: Graph,
	shapes: Shapes,
	tensors: readonly string[] | undefined,
): readonly Diagnostic[] {
	const { global_pool } = loaded.experiment.model;
	if (global_pool === "avg") return [];
	const idle = (message: string, fix: string): readonly Diagnostic[] => [
		placed(loaded, ["model", "global_pool"], {
			...{ severity: "warning", code: "option-without-effect" },
			...{ message, fix },
			reason: "it says how a map, or tokens, become a vector for the head",
		}),
	];
	if (tensors === undefined)
		return idle(
			`global_pool is ${global_pool}, but the network keeps its own classifier`,
			'remove "global_pool", or write head: linear',
		);
	const isVector = tensors.every((name) => shapes.get(name)?.length === 2);
	if (!isVector) return [];
	// Networks with a class token end with it as a vector: cls is what they do.
	if (
		global_pool === "cls" &&
		tensors.some((name) => !isOfMap(graph, shapes, name))
	)
		return [];
	return idle(
		`global_pool is ${global_pool}, but ${tensors.map((name) => `"${name}"`).join(" and ")} ${tensors.length === 1 ? "is a vector" : "are vectors"} already`,
		'remove "global_pool", or name an earlier layer in model.features: graft plan --layers shows the shape of each',
	);
}

/** Whether a vector was made of a map [n, c, h, w], not of tokens. */
function isOfMap(graph: Graph, shapes: Shapes, tensor: string): boolean {
	const makers = producers(graph);
	let name: string | undefined = tensor;
	while (name !== undefined && shapes.get(name)?.length === 2)
		name = makers.get(name)?.inputs[0];
	return name !== undefined && shapes.get(name)?.length === 4;
}
