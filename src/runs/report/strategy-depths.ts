import type { Json } from "../../fingerprint.ts";
import { percent } from "../format-values.ts";
import { linearAxis } from "./axis.ts";
import { html, type Markup, name } from "./html.ts";
import { lineChart, type Point } from "./line-chart.ts";

/** How well features separate the classes by depth: nearest neighbours, and heads tried on held-out photos. */

interface Depth {
	readonly depth: number;
	readonly layer: string;
	readonly features: number | undefined;
	readonly neighbours: number | undefined;
	/** Accuracy of the head that was tried there. */
	readonly tried: number | undefined;
}

/** Undefined where nothing was measured at two depths at least. */
export function depthPicture(measures: Json | undefined): Markup | undefined {
	const depths = depthsOf(measures);
	if (depths.length < 2) return undefined;
	const points = (key: "neighbours" | "tried"): readonly Point[] =>
		depths.flatMap((one) =>
			one[key] === undefined ? [] : [{ x: one.depth, share: one[key] }],
		);
	const [neighbours, tried] = [points("neighbours"), points("tried")];
	if (neighbours.length + tried.length === 0) return undefined;
	return html`<h3 class="go">By depth</h3>
<div class="reliability"><figure class="choice">${lineChart({
		label: "Share told right by depth; the table beside it has the numbers",
		title: "depth",
		across: linearAxis([0, 1]),
		series: [{ points: neighbours }, { points: tried }],
	})}<figcaption class="legend"><span class="key">nearest neighbours</span>${tried.length > 0 && html`<span class="key train">linear head, held-out folds</span>`}</figcaption></figure>
<div class="scroll" tabindex="0" role="region" aria-label="Numbers by depth"><table class="plain"><caption>Share told right by depth</caption><thead><tr><th scope="col">depth</th><th scope="col" class="text">layer</th><th scope="col">features</th><th scope="col">neighbours</th><th scope="col">head</th></tr></thead>
<tbody>${depths.map((one) => html`<tr><th scope="row">${one.depth}</th><td class="text">${name(one.layer)}</td><td>${one.features}</td><td>${percent(one.neighbours, 1) || "–"}</td><td>${percent(one.tried, 1) || "–"}</td></tr>`)}</tbody></table></div></div>`;
}

/** The journal is read as it is: what is not as expected is left out. */
function depthsOf(measures: Json | undefined): readonly Depth[] {
	const { depths, trials } = objectOf(measures);
	return listOf(depths).flatMap((one) => {
		const depth = numberOf(one.depth);
		if (depth === undefined) return [];
		const trial = listOf(trials).find((each) => each.depth === depth);
		return [
			{
				depth,
				layer: String(one.layer ?? ""),
				features: numberOf(one.features),
				neighbours: numberOf(one.neighbours),
				tried: numberOf(trial?.accuracy),
			},
		];
	});
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
	return Array.isArray(value) ? value.map(objectOf) : [];
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null
		? (value as Readonly<Record<string, unknown>>)
		: {};
}

function numberOf(value: unknown): number | undefined {
	return typeof value === "number" && Number.isFinite(value)
		? value
		: undefined;
}
