import type { EpochEvent, StepEvent } from "../train/types.ts";
import type { Stop } from "./training-log.ts";

/** What is known of a training when its run is over. */
export interface RunTraining {
	/** Epoch by epoch. */
	readonly history: readonly EpochEvent[];
	/** Step by step; empty without `log: step`. */
	readonly steps: readonly StepEvent[];
	/** Undefined where training went through all its epochs and the last one is the result. */
	readonly stop: Stop | undefined;
}

/** Of `run --format json`: `history`; with `log: step`, `steps`; where training ended early or an earlier epoch is the result, `stop`. */
export function trainingJson({ history, steps, stop }: RunTraining) {
	return {
		history: history.map((event) => ({
			epoch: event.epoch,
			step: event.step,
			train_loss: event.trainLoss,
			train_accuracy: event.trainAccuracy,
			valid_loss: event.validLoss,
			valid_accuracy: event.validAccuracy,
			learning_rate: event.learningRate,
		})),
		...(stop && {
			stop: {
				reason: stop.reason,
				epoch: stop.epoch,
				last_epoch: stop.lastEpoch,
			},
		}),
		...(steps.length > 0 && {
			steps: steps.map(({ step, loss, learningRate }) => ({
				step,
				loss,
				learning_rate: learningRate,
			})),
		}),
	};
}
