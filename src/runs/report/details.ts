import { bytes, count } from "../../text.ts";
import {
	detailText,
	environmentEntries,
	secondsText,
} from "../format-values.ts";
import type { RunRecord } from "../types.ts";
import { type Content, html, type Markup, name } from "./html.ts";

/** The lower half of the page: what went wrong, what was asked, where the time went, and with what. */

/** Warnings and photos that could not be used; nothing when all was well. */
export function notices({ warnings, data }: RunRecord): Content {
	const corrupt = data?.corrupt ?? [];
	if (warnings.length + corrupt.length === 0) return undefined;
	return html`<section class="notice" aria-label="Warnings"><ul>${warnings.map(({ code, message }) => html`<li><b>${code}</b> ${message}</li>`)}</ul>
${corrupt.length > 0 && html`<details><summary>${count(corrupt.length, "photo")} left out</summary><ul>${corrupt.map(({ path, reason }) => html`<li>${name(path)}: ${reason}</li>`)}</ul></details>`}</section>`;
}

/** The experiment as it was run. */
export function asked(yaml: string | undefined): Markup | undefined {
	if (yaml === undefined) return undefined;
	return html`<section aria-labelledby="asked"><h2 id="asked">What was asked</h2>
<p class="quiet">The experiment with every default written out; this file runs as it stands.</p>
<pre class="yaml" tabindex="0" role="region" aria-label="Experiment file"><code>${yaml.trimEnd().split("\n").map(yamlLine)}</code></pre></section>`;
}

/** Keys in colour, comments quiet. */
function yamlLine(line: string): Markup {
	const comment = /^\s*#/.test(line);
	if (comment) return html`<span class="comment">${line}</span>\n`;
	const [, indent = "", key, rest = ""] =
		/^([\s-]*)([^\s:#"'[{][^:#"']*|"[^"]*"|'[^']*')(:(?:\s.*)?)$/s.exec(line) ??
		[];
	if (key === undefined) return html`${line}\n`;
	return html`${indent}<span class="yaml-key">${key}</span>${rest}\n`;
}

/** How long each phase took. */
export function phases({ phases: list }: RunRecord): Markup | undefined {
	if (list.length === 0) return undefined;
	const longest = Math.max(...list.map(({ seconds }) => seconds), 1e-9);
	return html`<section aria-labelledby="phases"><h2 id="phases">Where the time went</h2>
<table class="phases"><caption>Seconds of each phase</caption><thead class="spoken"><tr><th scope="col">phase</th><th scope="col">share</th><th scope="col">time</th><th scope="col">detail</th></tr></thead><tbody>${list.map(
		({ name: title, seconds, detail }) =>
			html`<tr><th scope="row">${title}</th><td class="track"><span style="--share:${Math.max(0.004, seconds / longest).toFixed(4)}"></span></td><td class="seconds">${secondsText(seconds)}</td><td class="detail">${detailText(detail)}</td></tr>`,
	)}</tbody></table></section>`;
}

/** With what it was run. */
export function environment(record: RunRecord): Markup | undefined {
	if (record.environment === undefined) return undefined;
	const { backbone, weights } = record.experiment.model;
	const entries: (readonly [string, string])[] = [
		[
			"weights",
			typeof backbone === "string"
				? `${weights === "none" ? "none (random)" : weights} of ${backbone}`
				: backbone.onnx,
		],
		...environmentEntries(record.environment),
		["fingerprint", record.fingerprint],
	];
	return html`<section aria-labelledby="environment"><h2 id="environment">Environment</h2>
<dl class="pairs">${entries.map(([term, value]) => html`<div><dt>${term}</dt><dd${/^[0-9a-f]{40,}$/.test(value) && html` class="hash"`}>${value}</dd></div>`)}</dl></section>`;
}

/** What lies in the folder. */
export function files({ artifacts }: RunRecord): Markup | undefined {
	// A page cannot hold its own hash.
	const others = artifacts.filter(({ path }) => path !== "report.html");
	if (others.length === 0) return undefined;
	return html`<section aria-labelledby="files"><h2 id="files">Files beside this page</h2>
<dl class="pairs">${others.map(({ path, sha256, bytes: size }) => html`<div><dt>${name(path)}</dt><dd>${size !== undefined && html`<span class="size">${bytes(size)}</span> `}<span class="hash">${sha256}</span></dd></div>`)}</dl></section>`;
}
