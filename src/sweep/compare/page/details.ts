import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { toYaml } from "../../../experiment/write.ts";
import { readPredictions } from "../../../runs/predictions.ts";
import { readRun } from "../../../runs/record.ts";
import { REPORT_FILE } from "../../../runs/report/build.ts";
import type { ReportExtras } from "../../../runs/report/extras.ts";
import {
	collectThumbnails,
	type Thumbnail,
} from "../../../runs/report/thumbnails.ts";
import type {
	EpochRecord,
	Prediction,
	RunRecord,
} from "../../../runs/types.ts";
import { logFile, readManifest, trialsFolder } from "../../folder.ts";
import type { SweepStatus } from "../../status.ts";
import type { Task, TrialState } from "../../types.ts";

/** What the page of a sweep shows besides its comparison, read from the sweep's folder. */
export interface SweepDetails {
	readonly description: string | undefined;
	/** The file as it was asked for, every default written out. */
	readonly yaml: string;
	readonly trials: readonly TrialState[];
	readonly tasks: readonly Task[];
	readonly seconds: number;
	readonly startTime: string;
	/** By trial id, of those that have any. */
	readonly epochs: ReadonlyMap<string, readonly EpochRecord[]>;
	readonly best: BestTrial | undefined;
	/** By trial id, of those that failed: what their task's processes said. */
	readonly logs: ReadonlyMap<string, string>;
}

/** What is costly to find about a run and worth its place on a page. */
export type ExtrasOf = (record: RunRecord) => Promise<ReportExtras>;

/** The best trial as a run of its own. */
export interface BestTrial {
	readonly record: RunRecord;
	readonly predictions: readonly Prediction[];
	/** data URIs by the predictions' paths. */
	readonly images: ReadonlyMap<string, string>;
	/** Heat maps and checks, where they were asked for. */
	readonly extras: ReportExtras;
	/** Its own page, relative to this one; undefined: not made yet. */
	readonly report: string | undefined;
}

/**
 * @param bestTrialId the best of the best point, as the page's headline has it
 * @param page absolute, where the page will be
 * @throws RunError "sweep-damaged", "predictions-damaged"
 */
export async function readDetails(
	status: SweepStatus,
	bestTrialId: string | undefined,
	page: string,
	thumbnail: Thumbnail,
	extrasOf?: ExtrasOf,
): Promise<SweepDetails> {
	const { folder, trials, tasks, seconds, startTime } = status;
	const { experiment } = readManifest(folder);
	const folderOf = (trial: TrialState) =>
		join(trialsFolder(folder), trial.runId);
	const records = new Map(
		trials.flatMap((trial) => {
			const record = recordIn(folderOf(trial));
			return record === undefined ? [] : [[trial.trial, record] as const];
		}),
	);
	const bestRecord = bestTrialId && records.get(bestTrialId);
	return {
		...{ description: experiment.description, yaml: toYaml(experiment) },
		...{ trials, tasks, seconds, startTime },
		epochs: new Map(
			[...records].flatMap(([id, { epochs }]) =>
				epochs.length === 0 ? [] : [[id, epochs] as const],
			),
		),
		best: bestRecord
			? await bestTrial(bestRecord, page, thumbnail, extrasOf)
			: undefined,
		logs: new Map(
			trials.flatMap(({ trial, status }) => {
				if (status !== "FAILED") return [];
				const task = tasks.find(
					(each) => each.kind !== "extraction" && each.trials.includes(trial),
				);
				const log = task && logFile(folder, task.id);
				return log === undefined || !existsSync(log)
					? []
					: [[trial, relative(folder, log)] as const];
			}),
		),
	};
}

/** Undefined before its first line: it waits, or its process is only starting. */
function recordIn(folder: string): RunRecord | undefined {
	try {
		return readRun(folder);
	} catch {
		return undefined;
	}
}

async function bestTrial(
	record: RunRecord,
	page: string,
	thumbnail: Thumbnail,
	extrasOf: ExtrasOf | undefined,
): Promise<BestTrial> {
	const predictions = readPredictions(record.folder);
	const root = record.data?.root ?? "";
	const images = await collectThumbnails(root, predictions, thumbnail);
	const own = join(record.folder, REPORT_FILE);
	return {
		...{ record, predictions, images },
		extras: (await extrasOf?.(record)) ?? {},
		report: existsSync(own) ? relative(dirname(page), own) : undefined,
	};
}
