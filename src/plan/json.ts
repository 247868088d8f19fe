import type { PrintInput, TrainingLines } from "./print.ts";
import type { Pipeline } from "./types.ts";

/** A plan for programs: what `graft plan --format json` prints. Keys in snake_case, as in every JSON of Graft. */
export function planJson({
	name,
	file,
	backbone,
	plan,
	data,
	cost,
	training,
	phases,
	engines,
}: PrintInput) {
	return {
		name,
		file,
		backbone,
		classes: data?.classNames ?? null,
		photos: data?.counts ?? null,
		train: pipelineJson(plan.train),
		eval: pipelineJson(plan.eval),
		parameters: plan.train.stages.reduce(
			(sum, stage) => sum + stage.parameters,
			0,
		),
		trainable: plan.trainable,
		...(plan.phases && {
			phases: plan.phases.map((phase, index) => ({
				name: phase.name,
				train: pipelineJson(phase.train),
				eval: pipelineJson(phase.eval),
				trainable: phase.trainable,
				training: trainingJson(phases?.[index] ?? training),
			})),
		}),
		...(plan.features && {
			features: plan.features.map(({ layer, tensor, depth }) => ({
				layer,
				tensor,
				...(depth !== undefined && { depth }),
			})),
		}),
		...(plan.strategy && {
			strategy: {
				name: plan.strategy.name,
				gives: Object.fromEntries(plan.strategy.gives),
			},
		}),
		...(plan.classical && { classical: plan.classical }),
		fingerprint: plan.fingerprint ?? null,
		...(engines && {
			engines: {
				onnxruntime: engines.onnxruntime ?? null,
				tfjs: engines.tfjs ?? null,
			},
		}),
		provenance: plan.provenance,
		training: trainingJson(training),
		cost:
			cost === undefined
				? null
				: {
						rows_cached: cost.cached,
						rows_to_compute: cost.toCompute,
						prefix_flops: cost.prefixFlops,
						feature_bytes: cost.featureBytes,
						feature_seconds: cost.featureSeconds,
						train_seconds: cost.trainSeconds,
					},
	};
}

function pipelineJson({
	stages,
	cut,
	live,
	cutReason,
	cutTensor,
	featureShape,
	featureKey,
	featureDtype,
	int8,
	views,
}: Pipeline) {
	return {
		stages: stages.map((stage, index) => ({
			name: stage.name,
			kind: stage.kind,
			op: stage.op,
			part: index < cut ? "prefix" : index < live ? "live" : "suffix",
			random: stage.isRandom,
			trainable: stage.isTrainable,
			output_shape: stage.outputShape ?? null,
			dtype: stage.dtype,
			parameters: stage.parameters,
			flops: stage.flops,
		})),
		cut: {
			after: stages[cut - 1]?.name ?? null,
			tensor: cutTensor,
			reason: cutReason,
		},
		feature_shape: featureShape,
		feature_key: featureKey ?? null,
		...(views && {
			view_keys: views.map(({ featureKey }) => featureKey ?? null),
		}),
		...(int8 && {
			precision: {
				int8: {
					photos: int8.photos.length,
					range: int8.range,
					min_cosine: int8.minCosine,
					min_agreement: int8.minAgreement,
				},
			},
		}),
		...(featureDtype && { feature_dtype: featureDtype }),
	};
}

function trainingJson(training: TrainingLines) {
	return {
		loss: training.loss,
		optimizer: training.optimizer,
		learning_rate: training.learningRate,
		schedule: training.schedule ?? null,
		learning_rates: training.rates,
		more: training.more,
		epochs: training.epochs,
		batch_size: training.batchSize,
		...(training.groups && {
			groups: training.groups.map((group) => ({
				layers: group.label,
				parameters: group.parameters,
				learning_rate: group.learningRate,
				lr_scale: group.lrScale,
				weight_decay: group.weightDecay,
			})),
		}),
	};
}
