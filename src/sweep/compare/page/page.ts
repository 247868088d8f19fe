import { secondsText } from "../../../runs/format-values.ts";
import { asked } from "../../../runs/report/details.ts";
import { html, type Markup } from "../../../runs/report/html.ts";
import { pageShell } from "../../../runs/report/shell.ts";
import type { Comparison, Point } from "../types.ts";
import { intervalText, scoreText, shortValue } from "../words.ts";
import { axisPlots, pairsTable } from "./axis-plots.ts";
import type { SweepDetails } from "./details.ts";
import { parallelCoordinates } from "./parallel.ts";
import { sweepPlan } from "./plan.ts";
import { pageScript } from "./script.ts";
import {
	bestPhotos,
	bestSections,
	failedSection,
	surroundings,
} from "./sections.ts";
import { PAGE_STYLE } from "./style.ts";
import { trialCurves } from "./trial-curves.ts";

/** A sweep as one self-contained HTML page. The same comparison and details give the same text. */
export function comparisonPage(
	comparison: Comparison,
	details?: SweepDetails,
): string {
	const { name, sweepId } = comparison;
	const bestTrial = details?.best;
	const hasPhotos = bestTrial !== undefined && bestTrial.predictions.length > 0;
	return pageShell({
		title: `${name} · ${sweepId}`,
		main: html`${head(comparison, details)}
${best(comparison)}
${details && [failedSection(details), sweepPlan(comparison, details.trials, details.tasks), trialCurves(comparison, details.trials, details.epochs)]}
<section aria-labelledby="axes"><h2 id="axes">What each axis does</h2>${axisPlots(comparison)}</section>
<section aria-labelledby="pairs"><h2 id="pairs">Values against each other</h2><p class="quiet">Trials that differ in this axis alone, paired; Student's t, p by Holm over the values of an axis.</p>${pairsTable(comparison)}</section>
<section aria-labelledby="parallel"><h2 id="parallel">All points at once</h2>${parallelCoordinates(comparison)}</section>
<section aria-labelledby="points"><h2 id="points">Points</h2>${pointsTable(comparison)}</section>
${bestTrial && hasPhotos && bestSections(bestTrial)}
${details && [surroundings(details), asked(details.yaml)]}`,
		...(bestTrial && hasPhotos && { after: bestPhotos(bestTrial) }),
		script: pageScript(hasPhotos),
		style: PAGE_STYLE,
	});
}

function head(
	{ name, sweepId, trials, finished, failed, objective }: Comparison,
	details: SweepDetails | undefined,
): Markup {
	const state =
		failed > 0
			? html`<span class="status failed">${failed} failed</span>`
			: finished < trials
				? html`<span class="status killed">${trials - finished} to do</span>`
				: html`<span class="status">all finished</span>`;
	return html`<header><div class="bar">${state}<button type="button" id="theme" class="screen">theme: auto</button></div>
<h1>${name}</h1>
${details?.description && html`<p class="lead">${details.description.trim()}</p>`}
<p class="meta"><code>${sweepId}</code>${details && html`<time datetime="${details.startTime}">${details.startTime.slice(0, 10)} ${details.startTime.slice(11, 16)} UTC</time><span>took ${secondsText(Math.max(0, details.seconds))}</span>`}<span>${finished} of ${trials} trials finished</span><span>${objective.metric}, ${objective.mode === "max" ? "more" : "less"} is better</span></p></header>`;
}

function best({ points, axes, objective }: Comparison): Markup {
	const [first] = points;
	if (first?.mean === undefined)
		return html`<p class="lead">No trial is finished yet.</p>`;
	const { interval, scores } = first;
	const of =
		interval === undefined
			? ""
			: ` (95 % ${intervalText(interval)}, over ${interval.of === "seeds" ? `${scores.length} seeds` : "the photos"})`;
	return html`<div class="headline"><div class="score"><p class="big">${scoreText(first.mean)}</p><p class="what">best ${objective.metric}${of}</p><p class="quiet">The best of many is partly luck: on other photos expect a little less.</p></div>
<dl class="facts">${axes
		.filter((axis) => axis in first.values)
		.map(
			(axis) =>
				html`<div><dt>${axis}</dt><dd>${shortValue(first.values[axis])}</dd></div>`,
		)}<div><dt>run</dt><dd><code>${first.bestRun}</code></dd></div></dl></div>`;
}

function pointsTable({ points, axes, objective }: Comparison): Markup {
	const titles = ["rank", objective.metric, "95 %", "seeds", ...axes, "run"];
	return html`<div class="scroll tall" tabindex="0" role="region" aria-label="All points"><table class="plain sortable"><caption>All points, best first</caption><thead><tr>${titles.map(
		(title, column) =>
			html`<th scope="col"${column === 0 && html` aria-sort="ascending"`}><button type="button" data-column="${column}">${title}</button></th>`,
	)}</tr></thead>
<tbody>${points.map((point, index) => row(point, index, axes))}</tbody></table></div>`;
}

function row(point: Point, index: number, axes: readonly string[]): Markup {
	const score =
		point.mean === undefined && point.failed > 0
			? "failed"
			: scoreText(point.mean);
	return html`<tr data-point="${index}" tabindex="-1"><th scope="row">${point.rank ?? "–"}</th><td>${score}</td><td>${intervalText(point.interval)}</td><td>${point.scores.length}</td>${axes.map((axis) => html`<td>${shortValue(point.values[axis])}</td>`)}<td><code>${point.bestRun ?? ""}</code></td></tr>`;
}
