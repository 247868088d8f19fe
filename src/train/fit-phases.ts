import type { Tensor } from "../model/types.ts";
import { fit } from "./fit.ts";
import {
	type FitEnd,
	type FitEvent,
	type FitInput,
	NOTHING_BEFORE,
	type TrainedBefore,
} from "./types.ts";

/**
 * Several goes of training, each on the weights that the one before ended with.
 *
 *   phase 1 ─ rows at its cut ─ fit ─┬─ phase 2 ─ rows at its cut ─ fit ─┬─ … ─ FitEnd of all
 *                                    └ what it trained                   └ what both trained
 */
export interface PhaseStart {
	/** Undefined where training has but one go. */
	readonly name: string | undefined;
	/** Opens its rows. */
	readonly begin: (sofar: TrainedSofar) => Promise<OpenPhase>;
}

/** A phase that can be trained. */
export interface OpenPhase {
	readonly input: FitInput;
	readonly close: () => Promise<void>;
}

/** What the phases before came to. */
export interface TrainedSofar {
	/** Index of the phase that begins. */
	readonly phase: number;
	readonly trained: ReadonlyMap<string, Tensor>;
	readonly before: TrainedBefore;
}

/** Nothing has been trained. */
export const NOTHING_SOFAR: TrainedSofar = {
	phase: 0,
	trained: new Map(),
	before: NOTHING_BEFORE,
};

/** An event of `fit`, with the phase's name where there are several. */
export type PhaseEvent = FitEvent & { readonly phase?: string };

/**
 * The events of all phases, epochs and steps counted through; one FitEnd at the end, with all that was trained. A phase
 * that ends early gives way to the next; one that was asked to stop ends them all.
 * @param sofar where a training that was broken off goes on
 * @throws RunError as fit, and as PhaseStart.begin
 */
export async function* fitPhases(
	phases: readonly PhaseStart[],
	sofar: TrainedSofar = NOTHING_SOFAR,
): AsyncGenerator<PhaseEvent> {
	let at = sofar;
	for (const { name, begin } of phases.slice(sofar.phase)) {
		const open = await begin(at);
		let end: FitEnd | undefined;
		let { step } = at.before;
		try {
			for await (const event of fit(open.input)) {
				if (event.type === "epoch") ({ step } = event);
				if (event.type === "end") end = event;
				else yield named(event, name);
			}
		} finally {
			await open.close();
		}
		// The signal has ended it.
		if (end === undefined) return;
		const trained = new Map([...at.trained, ...end.trained]);
		const isLast = at.phase === phases.length - 1;
		if (isLast || end.ended === "asked") {
			yield { ...end, trained };
			return;
		}
		at = {
			phase: at.phase + 1,
			trained,
			before: { epoch: end.lastEpoch, step },
		};
	}
}

function named(event: FitEvent, name: string | undefined): PhaseEvent {
	return name === undefined ? event : { ...event, phase: name };
}
