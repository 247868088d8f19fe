import { percent } from "../format-values.ts";
import { html, type Markup, name } from "./html.ts";

/** Tables that sort by their columns' titles, and whose rows open photos; the page's script does both. */

/** A table in a region that scrolls by itself where it is long. */
export function table(of: {
	readonly id: string;
	readonly label: string;
	readonly head: readonly Markup[];
	readonly rows: readonly Markup[];
}): Markup {
	return html`<div class="scroll tall" tabindex="0" role="region" aria-label="${of.label}"><table class="plain sorting" id="${of.id}"><caption>${of.label}</caption><thead><tr>${of.head}</tr></thead>
<tbody>${of.rows}</tbody></table></div>`;
}

/** A column's title that sorts by it, and again the other way round. */
export function sortable(
	title: string,
	kind: "text" | "number",
	sorted?: "ascending" | "descending",
): Markup {
	return html`<th scope="col" aria-sort="${sorted ?? "none"}"><button type="button" data-sort="${kind}">${title}</button></th>`;
}

/** A class that opens its photos: how many were missed, wrongly said, and found. */
export function classButton(
	index: number,
	title: string,
	totals: readonly number[],
): Markup {
	if (totals.every((photos) => photos === 0)) return name(title);
	return html`<button type="button" class="of-class" data-class="${index}" data-totals="${totals.join(",")}" aria-haspopup="dialog">${name(title)}<span class="quiet" aria-hidden="true"> ›</span></button>`;
}

/** A share with its interval between 0 and 1, for the eye. */
export function intervalBar(
	share: number,
	[low, high]: readonly [number, number],
): Markup {
	const x = (at: number) => Math.round(at * 1000) / 10 + 3;
	return html`<svg class="mini" viewBox="0 0 106 14" role="img" aria-label="95 % interval ${(low * 100).toFixed(0)} to ${percent(high, 0)}"><line x1="3" x2="103" y1="7" y2="7"/><rect x="${x(low)}" y="4" width="${Math.max(1, x(high) - x(low)).toFixed(1)}" height="6" rx="3"/><circle cx="${x(share)}" cy="7" r="3"/></svg>`;
}
