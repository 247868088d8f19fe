import { html, type Markup } from "../../../runs/report/html.ts";
import { count } from "../../../text.ts";
import type { Task, TrialState } from "../../types.ts";
import type { Comparison } from "../types.ts";
import { shortValue } from "../words.ts";
import { pointIndexOf } from "./points.ts";

/**
 * The plan of a sweep as a picture: what is computed once, and which trials stand on it.
 *
 *   ┌ pass, once per photo ┐ → ┌ 12 heads as one product ▮▮▮▮▮▮▮▮▮▮▮▮ ┐
 *
 * A list of lists at once: read in order by a screen reader, one below the other on a phone.
 */

/** Passes that are drawn; the rest is counted. */
const MOST_PASSES = 12;

/** Side of the square that stands for a trial, and its step. */
const SIDE = 13;
const STEP = 17;
const PER_ROW = 18;

export function sweepPlan(
	comparison: Comparison,
	trials: readonly TrialState[],
	tasks: readonly Task[],
): Markup | undefined {
	if (tasks.length === 0) return undefined;
	const drawn: Drawn = {
		trials: new Map(trials.map((trial) => [trial.trial, trial])),
		pointOf: pointIndexOf(comparison),
		points: comparison.points.length,
	};
	const passes = tasks.filter(({ kind }) => kind === "extraction");
	const work = tasks.filter(({ kind }) => kind !== "extraction");
	const alone = work.filter(
		({ after }) => !passes.some(({ id }) => after.includes(id)),
	);
	const rest = passes.length - MOST_PASSES;
	return html`<section aria-labelledby="plan"><h2 id="plan">Plan</h2>
<p class="quiet">${count(trials.length, "trial")}: ${[
		passes.length > 0 &&
			count(passes.length, "pass over the photos", "passes over the photos"),
		...workWords(work),
	]
		.filter((part) => part !== false)
		.join(
			", ",
		)}. Trials that differ only after the frozen part share its pass. A square is a trial: the bluer, the better; hollow is not finished, <span class="bad">×</span> failed.</p>
${passes.slice(0, MOST_PASSES).map((pass, index) => passRow(pass, index, work, drawn))}
${rest > 0 && html`<p class="quiet">… and ${count(rest, "more pass", "more passes")}, each with its trials.</p>`}
${alone.length > 0 && html`<ol class="way alone">${zone("Without a shared pass", alone, drawn)}</ol>`}</section>`;
}

interface Drawn {
	readonly trials: ReadonlyMap<string, TrialState>;
	/** Place of a trial's point among the ranked ones, by trial id. */
	readonly pointOf: (trial: TrialState) => number;
	readonly points: number;
}

function workWords(work: readonly Task[]): string[] {
	const of = (kind: Task["kind"]) => work.filter((task) => task.kind === kind);
	const [stacks, singles] = [of("stacked"), of("single")];
	const heads = stacks.reduce((sum, { trials }) => sum + trials.length, 0);
	return [
		...(stacks.length > 0
			? [
					`${count(heads, "head")} stacked in ${count(stacks.length, "matrix product")}`,
				]
			: []),
		...(singles.length > 0 ? [`${count(singles.length, "trial")} alone`] : []),
	];
}

function passRow(
	pass: Task,
	index: number,
	work: readonly Task[],
	drawn: Drawn,
): Markup {
	const own = work.filter(({ after }) => after.includes(pass.id));
	const words = setApart(pass.trials, drawn);
	return html`<ol class="way"><li class="zone once"><p class="zone-title">Pass ${index + 1} <span class="quiet">once per photo</span></p>
<ul>${words.map(([key, value]) => html`<li><b>${key}</b> ${value}</li>`)}<li class="kept">features for ${count(pass.trials.length, "trial")}</li></ul></li>
${zone("Heads", own, drawn)}</ol>`;
}

function zone(title: string, work: readonly Task[], drawn: Drawn): Markup {
	const ids = work.flatMap(({ trials }) => trials);
	const words = workWords(work);
	return html`<li class="zone learns"><p class="zone-title">${title} <span class="quiet">${words.join(", ")}</span></p>${squares(ids, drawn)}</li>`;
}

function squares(ids: readonly string[], drawn: Drawn): Markup {
	const all = ids.flatMap((id) => drawn.trials.get(id) ?? []);
	const done = all.filter(({ status }) => status === "FINISHED").length;
	const failed = all.filter(({ status }) => status === "FAILED").length;
	const rows = Math.max(1, Math.ceil(all.length / PER_ROW));
	const columns = Math.min(PER_ROW, Math.max(1, all.length));
	const spoken = `${count(all.length, "trial")}: ${done} finished${failed > 0 ? `, ${failed} failed` : ""}`;
	return html`<svg class="squares" viewBox="0 0 ${columns * STEP} ${rows * STEP}" width="${columns * STEP}" height="${rows * STEP}" role="img" aria-label="${spoken}">${all.map(
		(trial, index) => {
			const [x, y] = [
				(index % PER_ROW) * STEP + 2,
				Math.floor(index / PER_ROW) * STEP + 2,
			];
			const point = drawn.pointOf(trial);
			const share =
				drawn.points < 2 ? 1 : 1 - Math.max(0, point) / (drawn.points - 1);
			const state = trial.status.toLowerCase();
			return html`<g class="square ${state}" data-point="${point}" style="--share:${share.toFixed(2)}"><title>${titleOf(trial)}</title><rect x="${x}" y="${y}" width="${SIDE}" height="${SIDE}" rx="2.5"/>${trial.status === "FAILED" && html`<path d="M${x + 3.5} ${y + 3.5}l6 6m0-6l-6 6"/>`}</g>`;
		},
	)}</svg>`;
}

function titleOf({ runId, status, values }: TrialState): string {
	const words = Object.entries(values).map(
		([key, value]) => `${key} ${shortValue(value)}`,
	);
	return `${runId}, ${status.toLowerCase()}: ${words.join(", ")}`;
}

/** What these trials have in common and not all others. */
function setApart(
	ids: readonly string[],
	{ trials }: Drawn,
): readonly (readonly [string, string])[] {
	const members = ids.flatMap((id) => trials.get(id) ?? []);
	const all = [...trials.values()];
	return Object.entries(members[0]?.values ?? {}).flatMap(([key, value]) => {
		const text = shortValue(value);
		const isSame = ({ values }: TrialState) =>
			values[key] !== undefined && shortValue(values[key]) === text;
		return members.every(isSame) && !all.every(isSame)
			? [[key, text] as const]
			: [];
	});
}
