import type { RunRecord } from "../types.ts";
import type { ReportExtras } from "./extras.ts";
import { html, type Markup } from "./html.ts";

/** What to type next: the run once more, beside another, against a baseline, and out of the house. */
export function againSection(
	record: RunRecord,
	{ heat, noHeat }: ReportExtras,
	hasBaseline: boolean,
): Markup {
	const { runId, argv, status, experiment } = record;
	const id = shellWord(runId);
	const lines: (readonly [string, string])[] = [
		[
			"as it was asked",
			`graft ${argv.map(shellWord).join(" ").replace(SECRET, "//…@")}`,
		],
	];
	if (status === "FINISHED" && heat === undefined && noHeat === undefined)
		lines.push([
			"where it looked, and what is odd about the photos",
			`graft report ${id}`,
		]);
	if (status === "FINISHED")
		lines.push(
			["once more, and whether it matches", `graft reproduce ${id}`],
			["in what another run differs", `graft diff ${id} OTHER`],
			["ask it about photos", `graft predict ${id} PHOTOS…`],
			["take the model away", `graft export ${id} --to onnx`],
		);
	else if (status !== "RUNNING")
		lines.push(["go on where it ended", `graft run --resume ${id}`]);
	if (experiment.gate !== undefined || hasBaseline)
		lines.push([
			"against its baseline",
			`graft gate ${shellWord(record.source)}`,
		]);
	return html`<section aria-labelledby="again"><h2 id="again">Again and further</h2>
<dl class="pairs">${lines.map(([term, line]) => html`<div><dt>${term}</dt><dd><code>${line}</code></dd></div>`)}</dl></section>`;
}

/** A word as a POSIX shell reads it. */
function shellWord(word: string): string {
	return /^[\w./:=@%+,-]+$/.test(word)
		? word
		: `'${word.replaceAll("'", "'\\''")}'`;
}

/** A page is passed on: name and password of a URL are not. */
const SECRET = /\/\/[^/@\s]+@/g;
