import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readPredictions } from "../predictions.ts";
import type { RunRecord } from "../types.ts";
import { findBaseline } from "./baseline.ts";
import type { ReportExtras } from "./extras.ts";
import { renderReport } from "./page.ts";
import { readPlan } from "./plan/read.ts";
import { collectThumbnails, type Thumbnail } from "./thumbnails.ts";

/** The page's name in the run's folder. */
export const REPORT_FILE = "report.html";

/**
 * The page of a run from what its folder holds: predictions.jsonl, experiment.yaml and plan.json, each optional, and
 * from the experiment's baseline where there is one.
 * @throws RunError "predictions-damaged"
 */
export async function buildReport(
	record: RunRecord,
	thumbnail: Thumbnail,
	extras: ReportExtras = {},
): Promise<string> {
	const predictions = readPredictions(record.folder);
	const images = await collectThumbnails(
		record.data?.root ?? "",
		predictions,
		thumbnail,
	);
	return renderReport(record, predictions, images, {
		yaml: experimentYaml(record),
		plan: readPlan(record.folder),
		baseline: findBaseline(record),
		extras,
	});
}

/** Undefined when the run ended before it was written. */
function experimentYaml({ folder }: RunRecord): string | undefined {
	try {
		return readFileSync(join(folder, "experiment.yaml"), "utf8");
	} catch {
		return undefined;
	}
}
