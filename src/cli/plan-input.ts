import { epochsOf, phasesOf } from "../experiment/phases.ts";
import type { TrainOptions } from "../experiment/types.ts";
import { cachedCounts } from "../features/counts.ts";
import { readRates } from "../features/rates.ts";
import { costOfPhases } from "../plan/cost.ts";
import type { PrintInput, TrainingLines } from "../plan/print.ts";
import type { Plan } from "../plan/types.ts";
import type { Prepared } from "../prepare.ts";
import { describeTraining } from "../train/describe.ts";

/** What the printer needs, the cache looked at. */
export function planInput(
	file: string,
	{ loaded, backbone, plan, data, dataset }: Prepared,
	cache: string,
	layers: boolean,
): PrintInput {
	const { experiment } = loaded;
	const rates = readRates(cache);
	const cached = (phase: Plan) =>
		dataset === undefined ? {} : cachedCounts(cache, phase, dataset);
	const { train } = experiment;
	const linesOf = (options: TrainOptions): TrainingLines => ({
		...describeTraining(options, data?.counts.train),
		learningRate: options.learning_rate,
		epochs: options.epochs,
		batchSize: options.batch_size,
	});
	const phases = phasesOf(experiment);
	return {
		name: experiment.name,
		file,
		description: experiment.description,
		backbone: backbone.name,
		plan,
		data,
		cost: data && costOfPhases(plan, data, epochsOf(experiment), cached, rates),
		rates,
		training: linesOf(train),
		...(phases && { phases: phases.map(({ options }) => linesOf(options)) }),
		layers,
	};
}
