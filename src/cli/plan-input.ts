import { expectedBackend } from "../engine/device/engines.ts";
import { epochsOf, phasesOf } from "../experiment/phases.ts";
import type { TrainOptions } from "../experiment/types.ts";
import { cachedCounts } from "../features/counts.ts";
import { readRates } from "../features/rates.ts";
import { costOfPhases } from "../plan/cost.ts";
import { parameterGroups } from "../plan/groups.ts";
import { phasePlans } from "../plan/phases.ts";
import type { PrintInput, TrainingLines } from "../plan/print.ts";
import type { Plan } from "../plan/types.ts";
import type { Prepared } from "../prepare.ts";
import { describeTraining } from "../train/describe.ts";

/** The same with the engines of this machine. */
export function planHere(
	file: string,
	prepared: Prepared,
	cache: string,
	layers: boolean,
): PrintInput {
	const { loaded, plan } = prepared;
	const { device, model } = loaded.experiment;
	const onTfjs = model.prefix_engine === "tfjs";
	return {
		...planInput(file, prepared, cache, layers, expectedBackend(device)),
		engines: {
			onnxruntime: onTfjs ? undefined : (plan.provider ?? "cpu"),
			tfjs: plan.classical && !onTfjs ? undefined : expectedBackend(device),
		},
	};
}

/** What the printer needs, the cache looked at. */
export function planInput(
	file: string,
	{ loaded, backbone, plan, data, dataset }: Prepared,
	cache: string,
	layers: boolean,
	backend?: string,
): PrintInput {
	const { experiment } = loaded;
	const rates = readRates(cache);
	const cached = (phase: Plan) =>
		dataset === undefined ? {} : cachedCounts(cache, phase, dataset);
	const { train } = experiment;
	const linesOf = (options: TrainOptions, phase: Plan): TrainingLines => ({
		...groupsOf(phase, options),
		...describeTraining(options, data?.counts.train),
		learningRate: options.learning_rate,
		epochs: options.epochs,
		batchSize: options.batch_size,
	});
	const phases = phasesOf(experiment);
	const goes = phasePlans(plan);
	return {
		name: experiment.name,
		file,
		description: experiment.description,
		backbone: backbone.name,
		plan,
		data,
		cost:
			data &&
			costOfPhases(plan, data, epochsOf(experiment), cached, rates, backend),
		rates,
		training: linesOf(train, plan),
		...(phases && {
			phases: phases.map(({ options }, index) =>
				linesOf(options, goes[index] ?? plan),
			),
		}),
		layers,
	};
}

function groupsOf(
	phase: Plan,
	options: TrainOptions,
): Pick<TrainingLines, "groups"> {
	const groups = parameterGroups(phase, options);
	return groups === undefined ? {} : { groups };
}
