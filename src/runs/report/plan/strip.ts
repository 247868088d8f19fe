import { count, grouped } from "../../../text.ts";
import { html, type Markup } from "../html.ts";
import { sideOf, type Unit } from "./units.ts";

/** The network's silhouette: one bar a layer, as high as its activation map is wide; the cut is a dashed line. */

const WIDTH = 1000;
const HEIGHT = 108;
/** What comes after the cut is given at least as much of the width. */
const LEAST_SHARE = 0.1;

/** @param units at least one. */
export function strip(units: readonly Unit[], cutAfter: string): Markup {
	const widths = widthsOf(units);
	const top = Math.log2(1 + Math.max(2, ...units.map(sideOf)));
	let x = 0;
	let cutX: number | undefined;
	const bars = units.map((unit, index) => {
		const width = widths[index] as number;
		if (cutX === undefined && unit.part !== "prefix") cutX = x;
		const height = 10 + (HEIGHT - 14) * (Math.log2(1 + sideOf(unit)) / top);
		const gap = Math.min(2.5, width / 5);
		const bar = html`<rect class="${toneOf(unit)}" x="${round(x)}" width="${round(width - gap)}" y="${round((HEIGHT - height) / 2)}" height="${round(height)}" rx="1"><title>${unitTitle(unit)}</title></rect>`;
		x += width;
		return bar;
	});
	const frozen = units.filter(({ part }) => part === "prefix").length;
	const learning = units.filter(({ isTrainable }) => isTrainable).length;
	const spoken = `${count(units.length, "layer")}: ${frozen} before the cut after ${cutAfter}, ${units.length - frozen} behind it, ${learning} of them learning`;
	return html`<svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${spoken}">${bars}${cutX !== undefined && html`<line class="cut" x1="${round(cutX - 1)}" x2="${round(cutX - 1)}" y1="0" y2="${HEIGHT}"/>`}</svg>`;
}

/** Colour of a unit, and of its word in the legend. */
export function toneOf({ isTrainable, part }: Unit): string {
	if (isTrainable) return "learns";
	return part === "prefix" ? "once" : "again";
}

function widthsOf(units: readonly Unit[]): readonly number[] {
	const behind = units.filter(({ part }) => part !== "prefix").length;
	const before = units.length - behind;
	if (behind === 0 || before === 0)
		return units.map(() => WIDTH / units.length);
	const share = Math.min(
		1 - LEAST_SHARE,
		Math.max(LEAST_SHARE, behind / units.length),
	);
	return units.map(({ part }) =>
		part === "prefix"
			? (WIDTH * (1 - share)) / before
			: (WIDTH * share) / behind,
	);
}

function unitTitle({ stages, isTrainable }: Unit): string {
	const parameters = stages.reduce((sum, stage) => sum + stage.parameters, 0);
	const shape = stages.at(-1)?.output_shape?.join(" × ");
	return [
		`${stages[0]?.name} (${stages.map(({ op }) => op).join(" + ")})`,
		shape && `gives ${shape}`,
		parameters > 0 &&
			`${grouped(parameters)} parameters${isTrainable ? ", learning" : ""}`,
	]
		.filter(Boolean)
		.join("; ");
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
