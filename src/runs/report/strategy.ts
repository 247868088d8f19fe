import type { RunRecord } from "../types.ts";
import type { ReportExtras, StrategyNote } from "./extras.ts";
import { html, type Markup } from "./html.ts";

/** Why this strategy: what `strategy: auto` measured and decided. */
export function strategySection(
	record: RunRecord,
	extras: ReportExtras,
): Markup | undefined {
	const note = extras.strategy ?? journaled(record);
	if (note === undefined) return undefined;
	const { strategy, sets = [], reasons } = note;
	return html`<section aria-labelledby="strategy"><h2 id="strategy">Strategy</h2>
<p><b>${strategy.replaceAll("_", " ")}</b>${sets.length > 0 && html` <code>${sets.join(" ")}</code>`}</p>
<ul class="points">${reasons.map((reason) => html`<li>${reason}</li>`)}</ul></section>`;
}

/** What the journal's start keeps; a record that is older, or whose file names its strategy, keeps none. */
function journaled(record: RunRecord): StrategyNote | undefined {
	const kept: unknown = (record as { readonly strategy?: unknown }).strategy;
	const note = kept as Partial<StrategyNote> | null | undefined;
	const isNote =
		typeof note?.strategy === "string" && Array.isArray(note.reasons);
	return isNote ? (note as StrategyNote) : undefined;
}
