import { phasesOf } from "../experiment/phases.ts";
import type { Experiment } from "../experiment/types.ts";
import { parametersOf } from "../model/graph.ts";
import type { Graph } from "../model/types.ts";
import { applyFreeze, type Frozen } from "./freeze.ts";

/** One go of training and what learns in it. */
export interface Go extends Frozen {
	readonly name: string;
	/** Where its `freeze` stands: under `model`, or under the phase that says it. */
	readonly at: readonly (string | number)[];
}

/** The phases of an experiment, or the one go that it trains in. */
export function goesOf(
	{ train, model }: Experiment,
	graph: Graph,
	added: ReadonlySet<string>,
): readonly Go[] {
	const phases = phasesOf({ train, model }) ?? [
		{ name: "train", freeze: model.freeze },
	];
	return phases.map(({ name, freeze }, index) => {
		const hasOwn = train.phases?.[index]?.freeze !== undefined;
		const at = hasOwn ? ["train", "phases", index] : ["model"];
		return { name, at, ...applyFreeze(graph, freeze, added, model.batch_norm) };
	});
}

/** What learns in any of them, in graph order. */
export function everTrained(
	graph: Graph,
	goes: readonly Go[],
): readonly string[] {
	const all = new Set(goes.flatMap(({ trainable }) => trainable));
	return parametersOf(graph)
		.map(({ name }) => name)
		.filter((name) => all.has(name));
}

/** Running statistics that any of them moves. */
export function everMoved(goes: readonly Go[]): readonly string[] {
	return [...new Set(goes.flatMap(({ buffers }) => buffers))];
}
