import { isMultiLabel } from "../../../runs/labels.ts";
import { confusion } from "../../../runs/report/confusion.ts";
import { dataSection } from "../../../runs/report/data-checks.ts";
import { environment } from "../../../runs/report/details.ts";
import { html, type Markup } from "../../../runs/report/html.ts";
import { labelTable } from "../../../runs/report/labels.ts";
import { photoData } from "../../../runs/report/photo-data.ts";
import { mostWrong } from "../../../runs/report/photos.ts";
import { heatSwitch } from "../../../runs/report/pictures.ts";
import type { TrialState } from "../../types.ts";
import { shortValue } from "../words.ts";
import type { BestTrial, SweepDetails } from "./details.ts";

/** The lower half of a sweep's page: what the best trial gets wrong, what failed, on which photos, with what. */

/** Failed trials that the table holds; a sweep that fails, fails by the hundred for one reason. */
const MOST_FAILED = 100;

/** The best trial, looked at as its own page would. */
export function bestSections({
	record,
	predictions,
	images,
	extras,
	report,
}: BestTrial): Markup {
	const classNames = record.data?.classNames ?? [];
	const shown = { predictions, classNames, images, extras };
	return html`<section aria-labelledby="best-trial"><h2 id="best-trial">The best trial, photo by photo</h2>
<p class="quiet">${report === undefined ? html`<code>graft report ${record.runId}</code> makes its own page, with its plan, calibration and where it looked.` : html`<a href="${report}">Its own page</a> has its plan, calibration and the least sure photos.`}</p></section>
${isMultiLabel(predictions) ? labelTable(predictions, classNames) : confusion(predictions, classNames)}
${mostWrong(shown)}`;
}

/** What stands after main for the photos that a cell opens. */
export function bestPhotos({
	record,
	predictions,
	images,
	extras,
}: BestTrial): Markup {
	return html`<dialog id="photos" aria-labelledby="photos-title"><form method="dialog"><h2 id="photos-title"></h2><button type="submit">close</button></form>${heatSwitch(extras)}<div id="photos-groups"></div></dialog>
${photoData(predictions, record.data?.classNames ?? [], images, extras)}`;
}

/** Trials without a result, and why. */
export function failedSection({
	trials,
	logs,
}: SweepDetails): Markup | undefined {
	const failed = trials.filter(({ status }) => status === "FAILED");
	if (failed.length === 0) return undefined;
	const rest = failed.length - MOST_FAILED;
	return html`<section aria-labelledby="failed"><h2 id="failed">Failed trials</h2>
<p class="quiet">Running the sweep again tries them again; what is finished stays.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Failed trials"><table class="failures"><caption>Failed trials and why</caption><thead><tr><th scope="col">trial</th><th scope="col">values</th><th scope="col">why</th></tr></thead>
<tbody>${failed.slice(0, MOST_FAILED).map((trial) => failedRow(trial, logs.get(trial.trial)))}</tbody></table></div>
${rest > 0 && html`<p class="quiet">… and ${rest} more.</p>`}</section>`;
}

function failedRow(
	{ runId, values, error }: TrialState,
	log: string | undefined,
): Markup {
	return html`<tr><th scope="row"><code>${runId}</code></th><td>${Object.entries(values).map(([key, value]) => html`<div>${key} <b>${shortValue(value)}</b></div>`)}</td><td><b class="bad">${error?.code ?? "failed"}</b> ${error?.message ?? ""}${log && html`<div class="quiet">${log}</div>`}</td></tr>`;
}

/** Photos and machine, as the best trial found them. */
export function surroundings({ best }: SweepDetails): Markup | undefined {
	if (best === undefined) return undefined;
	return html`${dataSection(best.record, best.extras)}
${environment(best.record)}`;
}
