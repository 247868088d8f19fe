import { count } from "../../text.ts";
import { photosIn } from "../labels.ts";
import type { RunRecord } from "../types.ts";
import type { ReportExtras } from "./extras.ts";
import { html, type Markup, name } from "./html.ts";

/** Which photos: how many of each class and split, how even they are, and what could not be read. */

/** Above as many classes the smallest and largest stand for all. */
const MANY_CLASSES = 40;
/** Counts that differ by more are worth weights, as `graft data` says. */
const UNEVEN = 3;

/** The page's section; undefined for a run that ended before it knew its photos. */
export function dataSection(
	{ data, source }: RunRecord,
	extras: ReportExtras,
): Markup | undefined {
	if (data === undefined) return undefined;
	const splits = Object.keys(data.counts);
	return html`<section aria-labelledby="data"><h2 id="data">Data</h2>
<p>${splits.map((split) => `${count(photosIn(data, split), "photo")} ${split}`).join(", ")}; ${count(data.classNames.length, "class", "classes")}.</p>
${balanceText(data)}${corruptText(data)}
${countTable(data, splits)}
${extras.checks ? html`<h3 class="go">What graft data check found</h3><pre class="yaml" tabindex="0" role="region" aria-label="What graft data check found"><code>${extras.checks.join("\n")}</code></pre>` : data.photos === undefined && html`<p class="quiet">Duplicates, likely wrong labels, outliers and whether more photos would help: <code>graft data check ${source}</code>.</p>`}</section>`;
}

type Data = NonNullable<RunRecord["data"]>;

function balanceText({ counts, classNames, photos }: Data): Markup | undefined {
	const train = counts.train ?? [];
	const filled = train.filter((photos) => photos > 0);
	if (filled.length < 2) return undefined;
	const [least, most] = [Math.min(...filled), Math.max(...filled)];
	const ratio = most / least;
	const empty = classNames.filter((_, index) => (train[index] ?? 0) === 0);
	return html`<p class="quiet">Largest training class ${name(classNames[train.indexOf(most)] ?? "")} with ${most}, smallest ${name(classNames[train.indexOf(least)] ?? "")} with ${least}: ${ratio > UNEVEN ? `uneven (${ratio.toFixed(1)} times), so ${photos === undefined ? "balanced accuracy" : "mean average precision"} says more than accuracy` : "even enough"}.${empty.length > 0 && html` Without a training photo: ${empty.slice(0, 8).map((one, index) => [index > 0 && ", ", name(one)])}${empty.length > 8 && ` and ${empty.length - 8} more`}.`}</p>`;
}

function corruptText({ corrupt }: Data): Markup {
	return corrupt.length === 0
		? html`<p class="quiet">Every photo could be read.</p>`
		: html`<p class="quiet">${count(corrupt.length, "photo")} could not be read and ${corrupt.length === 1 ? "was" : "were"} left out; named at the top of the page.</p>`;
}

function countTable(
	{ counts, classNames }: Data,
	splits: readonly string[],
): Markup {
	const most = Math.max(
		1,
		...(counts.train ?? Object.values(counts)[0] ?? [1]),
	);
	const rows = [...classNames.keys()];
	const table = html`<div class="scroll tall" tabindex="0" role="region" aria-label="Photos of each class"><table class="plain counts"><caption>Photos of each class by split</caption><thead><tr><th scope="col">class</th>${splits.map((split) => html`<th scope="col">${split}</th>`)}<th scope="col" class="bar-head"><span class="spoken">share of the largest</span></th></tr></thead>
<tbody>${rows.map(
		(index) =>
			html`<tr><th scope="row">${name(classNames[index] ?? "")}</th>${splits.map((split) => html`<td>${counts[split]?.[index] ?? 0}</td>`)}<td class="track" aria-hidden="true"><span style="--share:${((counts.train?.[index] ?? counts[splits[0] ?? ""]?.[index] ?? 0) / most).toFixed(3)}"></span></td></tr>`,
	)}</tbody></table></div>`;
	return rows.length > MANY_CLASSES
		? html`<details class="numbers"><summary>Photos of each class</summary>${table}</details>`
		: table;
}
