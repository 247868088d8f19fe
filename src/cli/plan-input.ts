import { cachedCounts } from "../features/counts.ts";
import { readRates } from "../features/rates.ts";
import { costOf } from "../plan/cost.ts";
import type { PrintInput } from "../plan/print.ts";
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
	const cached =
		dataset === undefined ? {} : cachedCounts(cache, plan, dataset);
	const { train } = experiment;
	return {
		name: experiment.name,
		file,
		description: experiment.description,
		backbone: backbone.name,
		plan,
		data,
		cost: data && costOf(plan, data, train.epochs, cached, rates),
		rates,
		training: {
			...describeTraining(train, data?.counts.train),
			learningRate: train.learning_rate,
			epochs: train.epochs,
			batchSize: train.batch_size,
		},
		layers,
	};
}
