import { grouped } from "../../../text.ts";
import { html, type Markup, name } from "../html.ts";
import type { Way, WayStage } from "./read.ts";
import { type Unit, unitsOf } from "./units.ts";

/** The plan's layers one a row: the picture for those who want its numbers. */
export function unitTable(way: Way): Markup {
	const layers = unitsOf(way.stages.filter(({ kind }) => kind === "layer"));
	return html`<table class="plain layers"><caption>Layers of the training way</caption><thead><tr><th scope="col">layer</th><th scope="col">does</th><th scope="col">gives</th><th scope="col">parameters</th><th scope="col">MFLOPs</th><th scope="col">state</th></tr></thead>
<tbody>${[...way.stages.filter(({ kind }) => kind !== "layer").map(pixelUnit), ...layers].map(row)}</tbody></table>`;
}

function pixelUnit(stage: WayStage): Unit {
	return { stages: [stage], part: stage.part, isTrainable: false };
}

function row(unit: Unit): Markup {
	const { stages } = unit;
	const [first] = stages;
	const sum = (key: "parameters" | "flops") =>
		stages.reduce((total, stage) => total + stage[key], 0);
	const parameters = sum("parameters");
	const flops = sum("flops");
	return html`<tr><th scope="row">${name(first?.name ?? "")}</th><td>${[...new Set(stages.map(({ op }) => op))].join(" + ")}</td><td>${stages.at(-1)?.output_shape?.join(" × ")}</td><td>${parameters > 0 && grouped(parameters)}</td><td>${flops > 0 && (flops / 1e6).toFixed(flops < 1e6 ? 3 : 1)}</td><td>${stateText(unit)}</td></tr>`;
}

function stateText({ isTrainable, part, stages }: Unit): string {
	if (isTrainable) return "learns";
	if (stages.some(({ random }) => random)) return "random";
	return part === "prefix" ? "once" : "again";
}
