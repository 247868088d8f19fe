import type { Tensor } from "../model/types.ts";
import type { Evaluation } from "./evaluate.ts";
import type { FitEnd } from "./types.ts";

/** How training ends, alone or in a stack. */

/** The state after an epoch. */
export interface FitResult {
	readonly epoch: number;
	readonly valid: Pick<Evaluation, "probabilities" | "losses" | "predicted">;
	readonly trained: ReadonlyMap<string, Tensor>;
}

/** Why training ends after an epoch; undefined: it goes on. */
export function endOf(
	asked: boolean,
	early: boolean,
	last: boolean,
): FitEnd["ended"] | undefined {
	if (asked) return "asked";
	if (last) return "epochs";
	return early ? "early_stopping" : undefined;
}

/** The last event, with the weights and predictions of `result`. */
export function endEvent(
	{ epoch, valid, trained }: FitResult,
	lastEpoch: number,
	ended: FitEnd["ended"],
	liveTensors: FitEnd["liveTensors"],
): FitEnd {
	return {
		type: "end",
		epoch,
		lastEpoch,
		ended,
		trained,
		validProbabilities: valid.probabilities,
		validLosses: valid.losses,
		validPredicted: valid.predicted,
		liveTensors,
	};
}
