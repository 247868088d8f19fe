import type { MultiLabelEvaluation } from "./evaluation/multi-label.ts";
import type { Evaluation } from "./evaluation/types.ts";
import type { RunRecord } from "./types.ts";

/** A record for machines: all of it, in the words of `run --format json`. */
export function recordJson(
	record: RunRecord,
	evaluation: Evaluation | MultiLabelEvaluation | undefined,
) {
	const report = record.artifacts.find(({ path }) => path === "report.html");
	return {
		run_id: record.runId,
		name: record.name,
		status: record.status,
		run_dir: record.folder,
		report: report === undefined ? null : `${record.folder}/${report.path}`,
		source: record.source,
		argv: record.argv,
		fingerprint: record.fingerprint,
		...(record.trial && {
			sweep_id: record.trial.sweepId,
			params: record.trial.values,
		}),
		...(record.strategy && { strategy: record.strategy }),
		...(record.attached && { attached: record.attached }),
		start_time: record.startTime,
		end_time: record.endTime ?? null,
		error: record.error ?? null,
		metrics: record.finalMetrics,
		evaluation: evaluation === undefined ? null : evaluationJson(evaluation),
		epochs: record.epochs,
		history: record.metrics,
		phases: record.phases,
		data: record.data ? dataJson(record.data) : null,
		warnings: record.warnings,
		artifacts: record.artifacts,
		environment: record.environment
			? environmentJson(record.environment)
			: null,
		experiment: record.experiment,
	};
}

/** An evaluation in the words of machines. */
export function evaluationJson(evaluation: Evaluation | MultiLabelEvaluation) {
	if ("hammingLoss" in evaluation) return multiLabelJson(evaluation);
	const { calibration } = evaluation;
	return {
		photos: evaluation.photos,
		accuracy: evaluation.accuracy,
		accuracy_interval: evaluation.accuracyInterval,
		balanced_accuracy: evaluation.balancedAccuracy,
		top_k: evaluation.topK,
		macro: evaluation.macro,
		weighted: evaluation.weighted,
		classes: evaluation.classes.map(
			({ recallInterval, rocAuc, averagePrecision, ...scores }) => ({
				...scores,
				recall_interval: recallInterval,
				roc_auc: rocAuc ?? null,
				average_precision: averagePrecision ?? null,
			}),
		),
		confusion: evaluation.confusion,
		log_loss: evaluation.logLoss,
		brier: evaluation.brier,
		roc_auc: evaluation.rocAuc ?? null,
		average_precision: evaluation.averagePrecision ?? null,
		calibration: {
			ece: calibration.ece,
			bins: calibration.bins,
			temperature: calibration.temperature,
			ece_at_temperature: calibration.eceAtTemperature,
			log_loss_at_temperature: calibration.logLossAtTemperature,
		},
	};
}

function multiLabelJson({
	hammingLoss,
	subsetAccuracy,
	averagePrecision,
	rocAuc,
	logLoss,
	classes,
	...rest
}: MultiLabelEvaluation) {
	return {
		...rest,
		hamming_loss: hammingLoss,
		subset_accuracy: subsetAccuracy,
		average_precision: averagePrecision ?? null,
		roc_auc: rocAuc ?? null,
		log_loss: logLoss,
		classes: classes.map(({ averagePrecision, rocAuc, ...scores }) => ({
			...scores,
			average_precision: averagePrecision ?? null,
			roc_auc: rocAuc ?? null,
		})),
	};
}

function dataJson(data: NonNullable<RunRecord["data"]>) {
	return {
		root: data.root,
		class_names: data.classNames,
		counts: data.counts,
		...(data.photos && { photos: data.photos }),
		corrupt: data.corrupt,
	};
}

function environmentJson(environment: NonNullable<RunRecord["environment"]>) {
	const { memoryGb, dataFingerprint, weightsSha256, git, ...rest } =
		environment;
	return {
		...rest,
		memory_gb: memoryGb,
		git: git ?? null,
		data_fingerprint: dataFingerprint,
		weights_sha256: weightsSha256,
	};
}
