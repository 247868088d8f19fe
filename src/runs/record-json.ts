import type { RunRecord } from "./types.ts";

/** A record for machines: all of it, in the words of `run --format json`. */
export function recordJson(record: RunRecord) {
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
		start_time: record.startTime,
		end_time: record.endTime ?? null,
		error: record.error ?? null,
		metrics: record.finalMetrics,
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

function dataJson(data: NonNullable<RunRecord["data"]>) {
	return {
		root: data.root,
		class_names: data.classNames,
		counts: data.counts,
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
