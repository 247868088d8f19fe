import { isMultiLabel } from "../labels.ts";
import type { Prediction, RunRecord } from "../types.ts";
import { confusion } from "./confusion.ts";
import { curves } from "./curves.ts";
import { asked, environment, files, notices, phases } from "./details.ts";
import type { ReportExtras } from "./extras.ts";
import { header, headline } from "./headline.ts";
import { html } from "./html.ts";
import { labelTable } from "./labels.ts";
import { type Images, mostWrong, photoData } from "./photos.ts";
import { SCRIPT } from "./script.ts";
import { pageShell } from "./shell.ts";

/**
 * One run as one self-contained HTML page: no network, light and dark, for keyboard, screen reader and paper.
 * `images`: data URIs of photos by the predictions' paths. `yaml`: the resolved experiment as a file.
 * The same input gives the same text.
 */
export function renderReport(
	record: RunRecord,
	predictions: readonly Prediction[],
	images: Images,
	yaml?: string,
	_extras: ReportExtras = {},
): string {
	const classNames = record.data?.classNames ?? [];
	return pageShell({
		title: `${record.name} · ${record.runId}`,
		main: html`${header(record)}
${headline(record, predictions)}
${notices(record)}
${curves(record)}
${isMultiLabel(predictions) ? labelTable(predictions, classNames) : confusion(predictions, classNames)}
${mostWrong(predictions, classNames, images)}
${asked(yaml)}
${phases(record)}
${environment(record)}
${files(record)}`,
		after: html`<dialog id="photos" aria-labelledby="photos-title"><form method="dialog"><h2 id="photos-title"></h2><button type="submit">close</button></form><ul class="photos"></ul><p class="quiet" id="photos-rest"></p></dialog>
${photoData(predictions, classNames, images)}`,
		script: SCRIPT,
	});
}
