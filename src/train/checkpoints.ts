import type { CheckpointOptions } from "../experiment/types.ts";
import type { Weights } from "../model/types.ts";
import { directionOf, watched } from "./plateau.ts";
import type { KeptEpoch } from "./state.ts";
import type { CheckpointEvent, EpochEvent } from "./types.ts";

/**
 * Which epochs' weights are kept while a training goes on.
 *
 *   epoch ─ better than one of the `keep` best? ─ in memory ─┬─ now and then, and when training ends: CheckpointEvents
 *                                                            └─ in the state, from which a killed run goes on
 */
export interface CheckpointKeeper {
	/** Looks at an epoch; answers the checkpoints that are to be written now. */
	readonly see: (
		event: EpochEvent,
		weights: () => Weights,
	) => readonly CheckpointEvent[];
	/** What is kept and has not been handed out; with `last`, the weights of the last epoch too. */
	readonly flush: (last?: {
		readonly event: EpochEvent;
		readonly weights: () => Weights;
	}) => readonly CheckpointEvent[];
	/** The best first. */
	readonly kept: () => readonly KeptEpoch[];
	/** Goes on from what `kept` said. */
	readonly restore: (kept: readonly KeptEpoch[]) => void;
}

/** A write of the best weights so far is not worth more than this share of the time. */
const SECONDS_BETWEEN_WRITES = 10;

/** Lives as long as the run: through all its phases. @param now in milliseconds */
export function openKeeper(
	options: CheckpointOptions,
	now: () => number = () => performance.now(),
): CheckpointKeeper {
	const { keep, last, every, monitor, mode } = options;
	const sign = directionOf(monitor, mode) === "min" ? 1 : -1;
	let best: KeptEpoch[] = [];
	let written: readonly KeptEpoch[] = [];
	let lastWrite = now();

	function unwritten(): readonly CheckpointEvent[] {
		const events = best.flatMap((epoch, rank) =>
			written[rank] === epoch ? [] : [eventOf(nameOf(rank), epoch)],
		);
		written = [...best];
		lastWrite = now();
		return events;
	}

	return {
		see(event, weights) {
			if (keep === 0 || event.epoch % every !== 0) return [];
			const value = sign * watched(event)[monitor];
			// Of equal ones the earlier is better: less trained.
			const at = best.findIndex(
				({ metrics }) => value < sign * metrics[monitor],
			);
			const rank = at === -1 ? best.length : at;
			if (rank >= keep) return [];
			best = best.toSpliced(rank, 0, keptOf(event, weights())).slice(0, keep);
			return now() - lastWrite < SECONDS_BETWEEN_WRITES * 1000
				? []
				: unwritten();
		},
		flush: (end) => [
			...unwritten(),
			...(last && end
				? [eventOf("last", keptOf(end.event, end.weights()))]
				: []),
		],
		kept: () => best,
		restore(kept) {
			best = [...kept];
			written = [];
		},
	};
}

/** best, best-2, best-3 … */
function nameOf(rank: number): string {
	return rank === 0 ? "best" : `best-${rank + 1}`;
}

function keptOf(event: EpochEvent, weights: Weights): KeptEpoch {
	const { epoch, step } = event;
	return { epoch, step, metrics: watched(event), weights };
}

function eventOf(name: string, epoch: KeptEpoch): CheckpointEvent {
	return { type: "checkpoint", name, ...epoch };
}
