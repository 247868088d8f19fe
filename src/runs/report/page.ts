import type { Baseline } from "../gate/types.ts";
import { isMultiLabel } from "../labels.ts";
import type { Prediction, RunRecord } from "../types.ts";
import { againSection } from "./again.ts";
import { baselineSection } from "./baseline.ts";
import { choice } from "./choice.ts";
import { classTable } from "./classes.ts";
import { confusion } from "./confusion.ts";
import { curves } from "./curves.ts";
import { dataSection } from "./data-checks.ts";
import { asked, environment, files, notices, phases } from "./details.ts";
import type { ReportExtras } from "./extras.ts";
import { header, headline } from "./headline.ts";
import { html, type Markup } from "./html.ts";
import { labelTable } from "./labels.ts";
import { phaseMarks } from "./phase-marks.ts";
import { photoData } from "./photo-data.ts";
import { leastSure, mostWrong } from "./photos.ts";
import { heatSwitch, type Images } from "./pictures.ts";
import { planPicture } from "./plan/picture.ts";
import type { PlanFile } from "./plan/read.ts";
import { calibrationSection } from "./reliability.ts";
import { SCRIPT } from "./script.ts";
import { pageShell } from "./shell.ts";
import { strategySection } from "./strategy.ts";

/** What a page is made of besides the record and its predictions, each optional. */
export interface PageParts {
	/** The resolved experiment as a file. */
	readonly yaml?: string | undefined;
	readonly plan?: PlanFile | undefined;
	readonly baseline?: Baseline | undefined;
	readonly extras?: ReportExtras | undefined;
}

/**
 * One run as one self-contained HTML page: no network, light and dark, for keyboard, screen reader and paper.
 * `images`: data URIs of photos by the predictions' paths. The same input gives the same text.
 */
export function renderReport(
	record: RunRecord,
	predictions: readonly Prediction[],
	images: Images,
	{ yaml, plan, baseline, extras = {} }: PageParts = {},
): string {
	const classNames = record.data?.classNames ?? [];
	const shown = { predictions, classNames, images, extras };
	const isMulti = isMultiLabel(predictions);
	const sections = html`${strategySection(record, extras)}
${planPicture(plan)}
${choice(record) ?? curves(record, phaseMarks(record))}
${isMulti ? labelTable(predictions, classNames) : [confusion(predictions, classNames), classTable(record, predictions, classNames)]}
${mostWrong(shown)}
${leastSure(shown)}
${calibrationSection(predictions, classNames)}
${baselineSection(baseline, predictions)}
${dataSection(record, extras)}
${asked(yaml)}
${phases(record)}
${environment(record)}
${againSection(record, extras, baseline !== undefined)}
${files(record)}`;
	return pageShell({
		title: `${record.name} · ${record.runId}`,
		main: html`${header(record)}
${headline(record, predictions)}
${notices(record)}
${contents(sections)}
${sections}`,
		after: html`${photoDialog(extras)}
${photoData(predictions, classNames, images, extras)}`,
		script: SCRIPT,
	});
}

function photoDialog(extras: ReportExtras): Markup {
	return html`<dialog id="photos" aria-labelledby="photos-title"><form method="dialog"><h2 id="photos-title"></h2><button type="submit">close</button></form>${heatSwitch(extras)}<div id="photos-groups"></div></dialog>`;
}

/** Links to the sections that are there, by their headings. */
function contents(sections: Markup): Markup {
	const heads = sections.text.matchAll(/<h2 id="(\w+)">([^<]+)<\/h2>/g);
	return html`<nav class="contents screen" aria-label="Sections"><ul>${[...heads].map(([, id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`;
}
