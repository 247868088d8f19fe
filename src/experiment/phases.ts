import type { Experiment, Freeze, TrainOptions } from "./types.ts";

/** One go of training with everything said: what the file gives the phase, then `train` and `model.freeze`. */
export interface WholePhase {
	readonly name: string;
	readonly freeze: Freeze;
	/** Without `phases`. */
	readonly options: TrainOptions;
}

/** The phases of an experiment, in order; undefined where it trains in one go. */
export function phasesOf({
	train,
	model,
}: Pick<Experiment, "train" | "model">): readonly WholePhase[] | undefined {
	const { phases, ...common } = train;
	return phases?.map(({ name, freeze, ...own }) => ({
		name,
		freeze: freeze ?? model.freeze,
		options: { ...common, ...own },
	}));
}

/** Of each phase, in order. */
export function epochsOf(
	experiment: Pick<Experiment, "train" | "model">,
): readonly number[] {
	return (
		phasesOf(experiment)?.map(({ options }) => options.epochs) ?? [
			experiment.train.epochs,
		]
	);
}
