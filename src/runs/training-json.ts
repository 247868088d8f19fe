import type { EpochEvent, StepEvent } from "../train/types.ts";

/** `history` and, with `log: step`, `steps` of `run --format json`. */
export function trainingJson({
	history,
	steps,
}: {
	readonly history: readonly EpochEvent[];
	readonly steps: readonly StepEvent[];
}) {
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
		...(steps.length > 0 && {
			steps: steps.map(({ step, loss, learningRate }) => ({
				step,
				loss,
				learning_rate: learningRate,
			})),
		}),
	};
}
