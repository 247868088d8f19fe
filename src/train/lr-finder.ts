import { openTfjs } from "../engine/backend.ts";
import { compileGraph } from "../engine/tfjs/compile.ts";
import { openParameters } from "../engine/tfjs/parameters.ts";
import { numClassesOf } from "./batches.ts";
import { openFeed } from "./feed.ts";
import { refuseEmpty } from "./fit-errors.ts";
import { openRates } from "./groups.ts";
import { openLoss } from "./loss.ts";
import { openOptimizer } from "./optimizer.ts";
import type { RateOf } from "./optimizers/state.ts";
import { openPause } from "./pause.ts";
import { stepWithinMemory } from "./step-memory.ts";
import type { FitInput, WarningEvent } from "./types.ts";

/**
 * Smith's learning rate range test (https://arxiv.org/abs/1506.01186), as fastai's lr_find does it: the rate grows from
 * step to step by the same factor, and the loss of each step is smoothed.
 *
 *   loss ───╮
 *           ╰─╮        ╱ four times the best: stop
 *             ╰───────╯
 *         1e-7 … rate … 10
 */
export interface RateRange {
	readonly from: number;
	readonly to: number;
	readonly steps: number;
}

/** fastai's. */
export const USUAL_RANGE: RateRange = { from: 1e-7, to: 10, steps: 100 };

/** A step that was taken. */
export interface RatePoint {
	readonly type: "point";
	/** 1-based. */
	readonly step: number;
	readonly learningRate: number;
	/** The criterion of the step's batch, before the step. */
	readonly loss: number;
	/** Its running mean: fastai's AvgSmoothLoss, beta 0.98, corrected for having begun at zero. */
	readonly smooth: number;
}

const BETA = 0.98;
/** Times the best smoothed loss. */
const TOO_MUCH = 4;

/**
 * Takes the steps on a copy of the weights, which is thrown away. Batches, optimizer, clipping and groups are the
 * training's, each group's rate in the same ratio to learning_rate; the schedule and the average are not.
 * The same input gives the same points on the same machine and backend.
 * @returns why it ended: the loss grew to four times its best or was no number, or all steps were taken
 * @throws RunError "no-rows", "out-of-memory" and what openTfjs throws
 */
export async function* findRate(
	input: FitInput,
	range: RateRange,
): AsyncGenerator<RatePoint | WarningEvent, "diverged" | "steps"> {
	const { options, seed, signal } = input;
	const { tf } = await openTfjs();
	const { buffers = [], trainable, trainSuffix } = input;
	const parameters = openParameters(
		tf,
		[trainSuffix],
		input.weights,
		trainable,
		buffers,
	);
	const optimizer = openOptimizer(tf, parameters, options.optimizer);
	const pause = openPause();
	const feed = openFeed(input);
	try {
		const graph = compileGraph(tf, trainSuffix, parameters);
		const classes = numClassesOf(input);
		const rates = openRates(options, input.groups, 1);
		let rows = await feed.rows(1);
		refuseEmpty(rows, "train");
		const trainer = {
			...{ tf, graph, parameters, optimizer, pause, schedule: rates },
			loss: openLoss(
				options.loss,
				rows.labels,
				classes,
				input.classNames ?? [],
				rows.targets,
			),
			microBatch: options.batch_size,
		};
		let [step, mean, best] = [0, 0, Number.POSITIVE_INFINITY];
		for (let epoch = 1; ; epoch++) {
			if (epoch > 1) rows = await feed.rows(epoch);
			for await (const batch of feed.batches(rows, epoch, 0)) {
				if (step === range.steps) return "steps";
				await pause();
				signal?.throwIfAborted();
				const learningRate = rateAt(range, step);
				const moment = { seed, step, rateOf: rateOfAll(input, learningRate) };
				const { sum, weight } = yield* stepWithinMemory(
					trainer,
					input,
					batch,
					rows.shape,
					moment,
				);
				const loss = sum / weight;
				if (!Number.isFinite(loss)) return "diverged";
				step++;
				mean = BETA * mean + (1 - BETA) * loss;
				const smooth = mean / (1 - BETA ** step);
				best = Math.min(best, smooth);
				yield { type: "point", step, learningRate, loss, smooth };
				if (smooth > TOO_MUCH * best) return "diverged";
			}
			signal?.throwIfAborted();
		}
	} finally {
		feed.close();
		optimizer.dispose();
		parameters.dispose();
	}
}

/** from · (to / from)^(step / steps). @param step from 0 */
export function rateAt({ from, to, steps }: RateRange, step: number): number {
	return from * (to / from) ** (step / steps);
}

/** Every group in its ratio to learning_rate. */
function rateOfAll(
	{ options, groups }: Pick<FitInput, "options" | "groups">,
	rate: number,
): RateOf {
	if (groups === undefined) return () => ({ learningRate: rate });
	const rates = new Map(
		groups.flatMap(({ parameters, learningRate, lrScale, weightDecay }) => {
			const ratio = (learningRate / options.learning_rate) * lrScale;
			const own = { learningRate: rate * ratio, weightDecay };
			return parameters.map((name) => [name, own] as const);
		}),
	);
	return (name) => rates.get(name) ?? { learningRate: rate };
}
