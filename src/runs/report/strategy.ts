import type { RunRecord } from "../types.ts";
import type { ReportExtras } from "./extras.ts";
import { html, type Markup } from "./html.ts";
import { depthPicture } from "./strategy-depths.ts";

/** Why this strategy: what `strategy: auto` measured and decided. */
export function strategySection(
	record: RunRecord,
	extras: ReportExtras,
): Markup | undefined {
	const note = extras.strategy ?? record.strategy;
	if (note === undefined) return undefined;
	const { strategy, sets = [], reasons } = note;
	return html`<section aria-labelledby="strategy"><h2 id="strategy">Strategy</h2>
<p><b>${strategy.replaceAll("_", " ")}</b>${sets.length > 0 && html` <code>${sets.join(" ")}</code>`}</p>
<ul class="points">${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>${depthPicture(note.measures)}</section>`;
}
