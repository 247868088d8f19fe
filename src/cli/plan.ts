import { EXIT } from "../diagnostic.ts";
import { cachedCounts } from "../features/counts.ts";
import { readRates } from "../features/rates.ts";
import { cacheFolder } from "../paths.ts";
import { costOf } from "../plan/cost.ts";
import { planJson } from "../plan/json.ts";
import { type PrintInput, printPlan } from "../plan/print.ts";
import { printProvenance } from "../plan/provenance.ts";
import type { Prepared } from "../prepare.ts";
import { describeTraining } from "../train/describe.ts";
import type { Options } from "./arguments.ts";
import type { Io } from "./io.ts";
import { preparedOrExit } from "./prepared.ts";

/** `graft plan FILE`: stages, shapes, the cut, costs, and what the cache already holds. */
export async function plan(
	file: string,
	options: Options,
	io: Io,
): Promise<number> {
	const cache = cacheFolder(options.cache);
	const prepared = await preparedOrExit(file, options, io, "warning");
	if (typeof prepared === "number") return prepared;
	const input = planInput(file, prepared, cache, options.flags.has("layers"));
	const values = options.flags.has("values")
		? printProvenance(prepared.plan.provenance, process.cwd())
		: "";
	io.stdout(
		options.json
			? `${JSON.stringify(planJson(input), null, 2)}\n`
			: printPlan(input) + values,
	);
	return EXIT.ok;
}

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
