import type { Json } from "../fingerprint.ts";
import type { ParameterGroup } from "../plan/groups.ts";
import type { RateOf } from "./optimizers/state.ts";
import type { Watched } from "./plateau.ts";
import {
	type OpenSchedule,
	openSchedule,
	type ScheduledTraining,
} from "./schedule.ts";

/** The schedule of a training whose parameters may have rates of their own. */
export interface OpenRates extends OpenSchedule {
	/** Of each parameter, for the step that is about to be taken. */
	readonly ratesAt: (epoch: number, step: number) => RateOf;
}

/**
 * Each group follows the schedule from its own learning rate, as torch's schedulers do with a group's `initial_lr`
 * (so eta_min and min_lr are the same numbers for all); then its lr_scale multiplies the rate, as timm's scheduler
 * does. `rateAt` is that of train.learning_rate.
 * @param groups undefined: all parameters share that one
 */
export function openRates(
	train: ScheduledTraining,
	groups: readonly ParameterGroup[] | undefined,
	stepsPerEpoch: number,
): OpenRates {
	const main = openSchedule(train, stepsPerEpoch);
	if (groups === undefined)
		return {
			...main,
			ratesAt(epoch, step) {
				const rate = { learningRate: main.rateAt(epoch, step) };
				return () => rate;
			},
		};
	const bases = new Map([[train.learning_rate, main]]);
	for (const { learningRate: learning_rate } of groups)
		if (!bases.has(learning_rate))
			bases.set(
				learning_rate,
				openSchedule({ ...train, learning_rate }, stepsPerEpoch),
			);
	const all = [...bases.values()];

	function ratesAt(epoch: number, step: number): RateOf {
		const rates = new Map(
			groups?.flatMap(({ parameters, learningRate, lrScale, weightDecay }) => {
				const scheduled = bases.get(learningRate)?.rateAt(epoch, step) ?? 0;
				const rate = { learningRate: scheduled * lrScale, weightDecay };
				return parameters.map((name) => [name, rate] as const);
			}),
		);
		return (name) => {
			const rate = rates.get(name);
			if (rate === undefined)
				throw new Error(`internal: "${name}" is in no parameter group`);
			return rate;
		};
	}

	return {
		rateAt: main.rateAt,
		ratesAt,
		endEpoch(epoch: number, measured: Watched) {
			for (const schedule of all) schedule.endEpoch(epoch, measured);
		},
		save: () => all.map((schedule) => schedule.save()),
		restore(saved) {
			for (const [index, one] of (saved as readonly Json[]).entries())
				all[index]?.restore(one);
		},
	};
}
