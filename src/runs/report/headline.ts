import { classicalHead } from "../../experiment/classical-types.ts";
import { phasesOf } from "../../experiment/phases.ts";
import { describeClassical } from "../../plan/classical.ts";
import { count } from "../../text.ts";
import { lossText, percent, secondsText } from "../format-values.ts";
import { photosIn } from "../labels.ts";
import { bestEpoch, type Score, scoreOf } from "../score.ts";
import type { Prediction, RunRecord } from "../types.ts";
import { type Content, html, type Markup, name } from "./html.ts";

/** The top of the page: what this run is, how it ended, and the number it is judged by. */

const STATUS_WORDS = {
	RUNNING: ["…", "running"],
	FINISHED: ["✓", "finished"],
	FAILED: ["✕", "failed"],
	KILLED: ["■", "stopped"],
} as const;

/** The page's header. */
export function header(record: RunRecord): Markup {
	const [sign, word] = STATUS_WORDS[record.status];
	const { description } = record.experiment;
	return html`<header>
<div class="bar"><p class="status ${record.status.toLowerCase()}"><span aria-hidden="true">${sign}</span> ${word}</p><button type="button" id="theme" class="screen">theme: auto</button></div>
<h1>${name(record.name)}</h1>
${description && html`<p class="lead">${description.trim()}</p>`}
<p class="meta"><code>${record.runId}</code><time datetime="${record.startTime}">${utc(record.startTime)}</time>${duration(record)}<span>${name(record.source)}</span></p>
</header>
${record.error && html`<section class="notice bad" aria-label="Error"><p><b>${record.error.code}</b> ${record.error.message}</p></section>`}`;
}

function duration({ startTime, endTime }: RunRecord): Content {
	if (endTime === undefined) return undefined;
	const seconds = (Date.parse(endTime) - Date.parse(startTime)) / 1000;
	return html`<span>took ${secondsText(Math.max(0, seconds))}</span>`;
}

function utc(iso: string): string {
	return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** The headline number with its interval, and the facts beside it. */
export function headline(
	record: RunRecord,
	predictions: readonly Prediction[],
): Markup {
	const score = scoreOf(record, predictions);
	return html`<section class="headline" aria-label="Result">
<div class="score">${score === undefined ? html`<p class="big none">no result</p><p class="quiet">No epoch was evaluated.</p>` : scoreBlock(score, record)}</div>
<dl class="facts">${facts(record).map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
</section>`;
}

function scoreBlock(score: Score, record: RunRecord): Markup {
	const { right, total, accuracy, interval } = score;
	return html`<p class="big">${(accuracy * 100).toFixed(1)}<span class="unit">%</span></p>
<p class="what">valid accuracy${record.data?.photos && html`: the share of all labels that are right`}${total !== undefined && html`: <b>${right}</b> of <b>${total}</b> photos right`}</p>
${interval && intervalScale(accuracy, interval, guess(record))}`;
}

/** Share of the largest class among the valid photos: what always guessing it would score. */
function guess({ data }: RunRecord): number | undefined {
	if (data?.photos !== undefined) return undefined;
	const counts = data?.counts.valid ?? [];
	const total = photosIn(data, "valid");
	return total === 0 ? undefined : Math.max(...counts) / total;
}

function intervalScale(
	accuracy: number,
	[low, high]: readonly [number, number],
	guessed: number | undefined,
): Markup {
	const x = (share: number) => Math.round(share * 3000) / 10 + 6;
	return html`<svg class="interval" viewBox="0 0 312 26" aria-hidden="true">
<line class="scale" x1="6" x2="306" y1="12" y2="12"/>${[0, 0.25, 0.5, 0.75, 1].map((share) => html`<line class="scale" x1="${x(share)}" x2="${x(share)}" y1="8" y2="16"/>`)}
${guessed !== undefined && html`<path class="guess" d="M${x(guessed)} 17l-4 7h8z"/>`}
<rect class="range" x="${x(low)}" y="7" width="${Math.max(2, x(high) - x(low))}" height="10" rx="5"/><circle class="point" cx="${x(accuracy)}" cy="12" r="5"/>
</svg>
<p class="quiet">95 % interval ${(low * 100).toFixed(1)} to ${percent(high, 1)} (Wilson)${guessed !== undefined && html`<br>▲ always guessing the largest class: ${percent(guessed, 1)}`}</p>`;
}

function facts(record: RunRecord): readonly (readonly [string, Content])[] {
	const { experiment, finalMetrics, epochs, phases, data } = record;
	const best = bestEpoch(epochs);
	const seconds = phases.reduce((sum, phase) => sum + phase.seconds, 0);
	return [
		["Valid loss", lossText(finalMetrics["valid/loss"]) || "–"],
		[
			"Best epoch",
			best === undefined
				? "–"
				: `${best.epoch} of ${epochs.length}, ${percent(best.metrics["valid/accuracy"], 1)}`,
		],
		...testFact(finalMetrics),
		["Photos", photosText(data)],
		["Time", [secondsText(seconds), ...cacheText(record)].join(", ")],
		["Network", name(networkText(record))],
		["Training", trainingText(record.experiment)],
		[
			"Transforms",
			experiment.transforms.train.map((step) => step.name).join(", ") || "none",
		],
	];
}

/** Of a run that `graft finalize` has looked at with the test photos. */
function testFact(
	metrics: RunRecord["finalMetrics"],
): readonly (readonly [string, Content])[] {
	const accuracy = metrics["test/accuracy"];
	return accuracy === undefined
		? []
		: [["Test photos", `${percent(accuracy, 1)} right`]];
}

function trainingText(experiment: RunRecord["experiment"]): string {
	const { optimizer, learning_rate, batch_size, loss } = experiment.train;
	const head = classicalHead(experiment.model.head);
	if (head !== undefined) return describeClassical(head);
	const words = `${Object.keys(loss)[0] ?? ""}, batch ${batch_size}`;
	const phases = phasesOf(experiment);
	if (phases === undefined)
		return `${Object.keys(optimizer)[0] ?? ""}, learning rate ${learning_rate}, ${words}`;
	const goes = phases.map(
		({ name, options }) =>
			`${name} (${count(options.epochs, "epoch")}, learning rate ${options.learning_rate})`,
	);
	return `${goes.join(", then ")}; ${words}`;
}

/** Whether the features came from the cache; nothing for a run that ended before it knew. */
function cacheText({ phases }: RunRecord): string[] {
	const detail = phases.find(({ name }) => name === "features")?.detail ?? {};
	const { cached = 0, computed } = detail;
	if (computed === undefined) return [];
	if (computed === 0) return ["features: cache hit"];
	return [
		`features: cache miss${cached === 0 ? "" : `, ${cached} of ${Number(cached) + Number(computed)} cached`}`,
	];
}

function photosText(data: RunRecord["data"]): string {
	if (data === undefined) return "–";
	const splits = Object.keys(data.counts).map(
		(split) => `${photosIn(data, split)} ${split}`,
	);
	return `${splits.join(", ")}; ${count(data.classNames.length, "class", "classes")}`;
}

function networkText({ experiment }: RunRecord): string {
	const { backbone, freeze, head, replace } = experiment.model;
	const network =
		typeof backbone === "string" ? backbone : fileName(backbone.onnx);
	const frozen =
		typeof freeze === "string"
			? `freeze ${freeze}`
			: "until" in freeze
				? `frozen until ${freeze.until}`
				: `freeze ${freeze.join(" ")}`;
	const top = replace
		? `replace ${Object.keys(replace).join(", ")}`
		: head && `${Object.keys(head)[0]} head`;
	return [network, frozen, top].filter(Boolean).join(", ");
}

function fileName(path: string): string {
	return path.split(/[/\\]/).pop() ?? path;
}
