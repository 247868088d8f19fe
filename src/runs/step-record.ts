import type { JournalEvent } from "./types.ts";

/** One optimizer step, as `log: step` keeps it. */
export interface StepRecord {
	/** 1-based. */
	readonly epoch: number;
	/** 1-based, over all epochs. */
	readonly step: number;
	/** The criterion of the batch, before the step. */
	readonly loss: number;
	readonly learningRate: number;
}

/** The steps that one event of the journal holds. */
export function stepsOf({
	epoch,
	first,
	losses,
	learningRates,
}: Extract<JournalEvent, { type: "steps" }>): readonly StepRecord[] {
	return losses.map((loss, index) => ({
		epoch,
		step: first + index,
		loss,
		learningRate: learningRates[index] as number,
	}));
}
