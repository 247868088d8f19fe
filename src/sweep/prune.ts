import type { Objective, Pruner } from "../experiment/types.ts";

/** Whether a trial goes on after an epoch, by what others had reached there. Pure: the same values, the same answer. */
export type Decision = "go on" | "stop";

/** What is looked at. */
export interface PruneInput {
	readonly pruner: Pruner;
	readonly mode: Objective["mode"];
	/** 1-based: the one that has ended. */
	readonly epoch: number;
	/** The trial's objective: after this epoch for asha, its best so far for median. */
	readonly value: number;
	/** Those of the trials that came to the same epoch before, in any order. */
	readonly others: readonly number[];
}

/** Epochs after which a pruner looks: asha at its rungs, median after every epoch from min_epochs on. */
export function isRung(pruner: Pruner, epoch: number): boolean {
	if ("median" in pruner) return epoch >= pruner.median.min_epochs;
	const { min_epochs, reduction_factor } = pruner.asha;
	let rung = min_epochs;
	while (rung < epoch) rung *= reduction_factor;
	return rung === epoch;
}

/** A value that is no number is left behind by all others. */
export function decide(input: PruneInput): Decision {
	const { pruner } = input;
	return "asha" in pruner
		? decideAsha(input, pruner.asha.reduction_factor)
		: decideMedian(input, pruner.median.min_trials);
}

/**
 * Asynchronous successive halving without waiting: of n trials that have come to a rung, the best ⌊n / η⌋, at least
 * one, go on (Li et al. 2018, https://arxiv.org/abs/1810.05934; the rule of Optuna's SuccessiveHalvingPruner).
 */
function decideAsha(
	{ value, others, mode }: PruneInput,
	reductionFactor: number,
): Decision {
	const all = [value, ...others];
	const places = Math.max(1, Math.floor(all.length / reductionFactor));
	const better = others.filter((other) => isBetter(other, value, mode)).length;
	return better < places ? "go on" : "stop";
}

/**
 * Median stopping: ends a trial whose best so far is worse than the median of the others' bests after as many epochs
 * (Golovin et al. 2017, Google Vizier, section 3.2.2; Optuna's MedianPruner).
 */
function decideMedian(
	{ value, others, mode }: PruneInput,
	minTrials: number,
): Decision {
	if (others.length < minTrials) return "go on";
	return isBetter(medianOf(others, mode), value, mode) ? "stop" : "go on";
}

/** Of an even number, the worse of the two in the middle: in doubt a trial goes on. */
function medianOf(values: readonly number[], mode: Objective["mode"]): number {
	const sorted = [...values].sort((a, b) => (isBetter(a, b, mode) ? -1 : 1));
	return sorted[Math.floor(sorted.length / 2)] as number;
}

/** Whether `a` is better than `b`; NaN is worse than everything. */
export function isBetter(
	a: number,
	b: number,
	mode: Objective["mode"],
): boolean {
	if (Number.isNaN(a)) return false;
	if (Number.isNaN(b)) return true;
	return mode === "max" ? a > b : a < b;
}
