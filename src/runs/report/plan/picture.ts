import { describeClassical } from "../../../plan/classical.ts";
import { count } from "../../../text.ts";
import { type Content, html, type Markup, name } from "../html.ts";
import type { PlanFile, Way } from "./read.ts";
import { strip, toneOf } from "./strip.ts";
import { unitTable } from "./table.ts";
import { type Unit, unitsOf } from "./units.ts";
import { zonesOf } from "./zones.ts";

/**
 * The plan as a picture:
 *
 *   ▮▮▮▮▮▮▯▯▯▯┊▮      the network's silhouette, cut where learning begins
 *   ┌ once ──┐ ✂ ┌ every step ┐ → ┌ loss ┐
 *
 * A picture and its words at once: the zones are a list, read in order by a screen reader and one below the other on
 * a phone.
 */
export function planPicture(plan: PlanFile | undefined): Markup | undefined {
	if (plan === undefined) return undefined;
	const goes = plan.phases ?? [];
	return html`<section aria-labelledby="plan"><h2 id="plan">Plan</h2>
<p class="quiet">What neither draws random numbers nor learns is computed once per photo and kept; the rest runs again and again.</p>
${
	goes.length === 0
		? way(plan.train, plan, trainingOf(plan))
		: goes.map(
				(phase, index) =>
					html`<h3 class="go">Phase ${index + 1}: ${name(phase.name)}</h3>${way(phase.train, plan, trainingText(phase.training))}`,
			)
}
${evaluationText(plan)}
<details class="numbers screen"><summary>All layers as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Layers of the plan">${unitTable(plan.train)}</div></details></section>`;
}

function way(train: Way, plan: PlanFile, training: readonly string[]): Markup {
	const units = unitsOf(train.stages.filter(({ kind }) => kind === "layer"));
	const after = train.cut.after ?? "the photo";
	return html`<figure class="plan">${units.length > 0 && strip(units, after)}
<figcaption class="legend">${legend(train, units)}</figcaption>
<ol class="way">${zonesOf(train, plan, training)}</ol></figure>`;
}

/** Words of the colours that are there. */
function legend({ cut }: Way, units: readonly Unit[]): Content {
	const tones = new Set(units.map(toneOf));
	const reason = cut.after
		? html`cut after ${name(cut.after)}: ${cut.reason}`
		: html`nothing is kept: ${cut.reason}`;
	return [
		tones.has("once") &&
			html`<span class="key-box once">frozen, once per photo</span>`,
		tones.has("again") &&
			html`<span class="key-box again">frozen, computed again</span>`,
		tones.has("learns") && html`<span class="key-box learns">learns</span>`,
		html`<span class="key-cut">${reason}</span>`,
		html`<span class="quiet">a bar a layer, as high as its map is wide</span>`,
	];
}

function trainingOf(plan: PlanFile): readonly string[] {
	return "classical" in plan && plan.classical
		? [describeClassical(plan.classical), "fitted at once, without epochs"]
		: trainingText(plan.training);
}

function trainingText(training: PlanFile["training"]): readonly string[] {
	const { loss, optimizer, schedule, epochs, batch_size, more } = training;
	const groups = training.groups ?? [];
	return [
		loss,
		`${optimizer}, learning rate ${training.learning_rate}`,
		...(schedule ? [schedule] : []),
		`${count(epochs, "epoch")} of batches of ${batch_size}`,
		...groups.map(
			(group) => `${group.layers}: learning rate ${group.learning_rate}`,
		),
		...more,
	];
}

/** Evaluation goes another way where training draws views or drops out. */
function evaluationText({ train, eval: evaluation }: PlanFile): Markup {
	const transforms = (one: Way) =>
		one.stages
			.filter(({ kind }) => kind === "transform")
			.map((stage) => stage.name)
			.join(", ");
	const isSame =
		transforms(train) === transforms(evaluation) &&
		train.cut.after === evaluation.cut.after;
	if (isSame) return html`<p class="quiet">Evaluation goes the same way.</p>`;
	return html`<p class="quiet">Evaluation goes its own way: ${transforms(evaluation) || "no transforms"}${evaluation.cut.after && html`; cut after ${name(evaluation.cut.after)}`}.</p>`;
}
