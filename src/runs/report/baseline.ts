import { baselineFile } from "../../experiment/resolve.ts";
import { count } from "../../text.ts";
import { percent } from "../format-values.ts";
import { readBaseline } from "../gate/baseline-file.ts";
import type { Baseline, PhotoResult } from "../gate/types.ts";
import { isMultiLabel, isRight } from "../labels.ts";
import type { Prediction, RunRecord } from "../types.ts";
import { html, type Markup, name } from "./html.ts";

/** The run beside the baseline that `graft gate` would judge it by: which photos changed sides. */

/** Photos named in each list. */
const MOST_NAMED = 12;

/** Undefined where there is none, where it is damaged (`graft gate` says how), and for a trial of a sweep. */
export function findBaseline(record: RunRecord): Baseline | undefined {
	if (record.trial !== undefined) return undefined;
	const { gate } = record.experiment;
	const read = readBaseline(gate?.baseline ?? baselineFile(record.source));
	return read.ok ? read.value : undefined;
}

/** The page's section; undefined where no photo is in both. */
export function baselineSection(
	baseline: Baseline | undefined,
	predictions: readonly Prediction[],
): Markup | undefined {
	if (baseline === undefined || isMultiLabel(predictions)) return undefined;
	const byId = new Map(baseline.photos.map((photo) => [photo.id, photo]));
	const pairs = predictions.flatMap((prediction) => {
		const before = byId.get(prediction.sha256.slice(0, 16));
		return before === undefined ? [] : [{ prediction, before }];
	});
	if (pairs.length === 0) return undefined;
	const mean = (of: (pair: (typeof pairs)[number]) => number) =>
		pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
	const now = mean(({ prediction }) => (isRight(prediction) ? 1 : 0));
	const then = mean(({ before }) => rightShare(before));
	const fell = pairs.filter(
		({ prediction, before }) =>
			!isRight(prediction) && rightShare(before) === 1,
	);
	const rose = pairs.filter(
		({ prediction, before }) => isRight(prediction) && rightShare(before) === 0,
	);
	return html`<section aria-labelledby="baseline"><h2 id="baseline">Against the baseline</h2>
<p>Of ${count(pairs.length, "photo")} in both, <b>${percent(now, 1)}</b> are right here and <b>${percent(then, 1)}</b> in the baseline of ${baseline.created.slice(0, 10)}, on average over ${count(baseline.seeds.length, "seed")}.</p>
<p class="quiet">One run is one seed: whether a change lowered the accuracy is for graft gate to say.</p>
${sideList(
	"Wrong here, right under every seed of the baseline",
	fell.map(({ prediction }) => prediction.path),
)}${sideList(
	"Right here, wrong under every seed of the baseline",
	rose.map(({ prediction }) => prediction.path),
)}</section>`;
}

/** Share of the seeds under which it was right. */
function rightShare({ right }: PhotoResult): number {
	return right.replaceAll("0", "").length / Math.max(1, right.length);
}

function sideList(title: string, paths: readonly string[]): Markup {
	const rest = paths.length - MOST_NAMED;
	return html`<h3 class="go">${title}: ${paths.length || "none"}</h3>${paths.length > 0 && html`<ul class="points">${paths.slice(0, MOST_NAMED).map((path) => html`<li>${name(path)}</li>`)}</ul>`}${rest > 0 && html`<p class="quiet">and ${rest} more</p>`}`;
}
