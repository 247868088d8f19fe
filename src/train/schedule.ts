import type { Schedule, TrainOptions, Warmup } from "../experiment/types.ts";
import type { Json } from "../fingerprint.ts";
import { oneCycle } from "./one-cycle.ts";
import { openPlateau, type Watched } from "./plateau.ts";

/**
 * The learning rate of each step, as torch.optim.lr_scheduler's: pure, in float64.
 *
 *   rate
 *    │     ╭──╮          warm-up: a line, changing at each step (LinearLR)
 *    │    ╱    ╲         schedule: changes after each epoch; its epochs count from the end of the warm-up (SequentialLR)
 *    │   ╱      ╰──
 *    └──┴─────────── steps
 */

/** What the learning rate depends on. */
export type ScheduledTraining = Pick<
	TrainOptions,
	"learning_rate" | "schedule" | "epochs"
>;

/** A step that is about to be taken. */
export interface Moment {
	/** 1-based. */
	readonly epoch: number;
	/** Optimizer steps taken before, in all epochs. */
	readonly step: number;
	/** The last, smaller batch counts. */
	readonly stepsPerEpoch: number;
}

/** A learning rate that remembers what it has seen. */
export interface OpenSchedule {
	/** Of the step that is about to be taken. */
	readonly rateAt: (epoch: number, step: number) => number;
	/** Tells what an epoch measured: reduce_on_plateau looks at it. */
	readonly endEpoch: (epoch: number, measured: Watched) => void;
	/** What it has seen, as `restore` of the same training takes it; epochs and steps are the caller's to remember. */
	readonly save: () => Json;
	readonly restore: (saved: Json) => void;
}

/** The schedule of one training. */
export function openSchedule(
	train: ScheduledTraining,
	stepsPerEpoch: number,
): OpenSchedule {
	const { schedule, learning_rate } = train;
	const rateAt = (epoch: number, step: number) =>
		learningRate(train, { epoch, step, stepsPerEpoch });
	if (!("reduce_on_plateau" in schedule))
		return {
			rateAt,
			endEpoch: () => undefined,
			save: () => null,
			restore: () => undefined,
		};
	const { warmup_epochs } = schedule.reduce_on_plateau;
	const plateau = openPlateau(schedule.reduce_on_plateau, learning_rate);
	return {
		rateAt: (epoch, step) =>
			epoch > warmup_epochs ? plateau.rate() : rateAt(epoch, step),
		endEpoch: (epoch, measured) => {
			if (epoch > warmup_epochs) plateau.endEpoch(measured);
		},
		save: plateau.save,
		restore: plateau.restore,
	};
}

/** The learning rate of a step; of reduce_on_plateau, while nothing has been reduced. */
export function learningRate(
	train: ScheduledTraining,
	{ epoch, step, stepsPerEpoch }: Moment,
): number {
	const { schedule, learning_rate, epochs } = train;
	if ("one_cycle" in schedule)
		return oneCycle(
			schedule.one_cycle,
			learning_rate,
			step,
			epochs * stepsPerEpoch,
		);
	const warmup = warmupOf(schedule);
	const { warmup_epochs, warmup_start_factor } = warmup;
	const done = epoch - 1 - warmup_epochs;
	if (done < 0) {
		const share = step / (warmup_epochs * stepsPerEpoch);
		return (
			learning_rate * (warmup_start_factor + (1 - warmup_start_factor) * share)
		);
	}
	return afterWarmup(schedule, learning_rate, done, epochs - warmup_epochs);
}

/** The warm-up of a schedule; of one_cycle, which rises by itself, none. */
export function warmupOf(schedule: Schedule): Warmup {
	if ("one_cycle" in schedule)
		return { warmup_epochs: 0, warmup_start_factor: 1 };
	const [options] = Object.values(schedule) as [Warmup];
	return options;
}

/**
 * The closed forms that torch documents.
 * @param done epochs since the warm-up, from 0
 * @param left epochs that the schedule itself has
 */
function afterWarmup(
	schedule: Exclude<Schedule, { one_cycle: unknown }>,
	rate: number,
	done: number,
	left: number,
): number {
	if ("step" in schedule) {
		const { step_size, gamma } = schedule.step;
		return rate * gamma ** Math.floor(done / step_size);
	}
	if ("multistep" in schedule) {
		const { milestones, gamma } = schedule.multistep;
		return rate * gamma ** milestones.filter((at) => at <= done).length;
	}
	if ("exponential" in schedule)
		return rate * schedule.exponential.gamma ** done;
	if ("cosine" in schedule) {
		const { T_max = left, eta_min } = schedule.cosine;
		return cosine(rate, eta_min, done / T_max);
	}
	if ("cosine_restarts" in schedule) {
		const { T_0, T_mult, eta_min } = schedule.cosine_restarts;
		let start = 0;
		let length = T_0;
		while (done >= start + length) {
			start += length;
			length *= T_mult;
		}
		return cosine(rate, eta_min, (done - start) / length);
	}
	if ("polynomial" in schedule) {
		const { power, total_iters = left } = schedule.polynomial;
		return rate * (1 - Math.min(done, total_iters) / total_iters) ** power;
	}
	return rate;
}

/** From `top` at share 0 to `bottom` at share 1. */
function cosine(top: number, bottom: number, share: number): number {
	return bottom + ((top - bottom) * (1 + Math.cos(Math.PI * share))) / 2;
}
