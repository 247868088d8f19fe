import { bytes, grouped } from "../../../text.ts";
import { type Content, html, type Markup, name } from "../html.ts";
import type { PlanFile, Way, WayStage } from "./read.ts";
import { type Block, blocksOf, unitsOf } from "./units.ts";

/** The parts of a photo's way, each a list item: before the cut, drawn anew, every step, and what is minimised. */
export function zonesOf(
	way: Way,
	plan: PlanFile,
	training: readonly string[],
): Content {
	const part = (wanted: WayStage["part"]) =>
		way.stages.filter((stage) => stage.part === wanted);
	const { onnxruntime: provider, tfjs } = plan.engines ?? {};
	const onnxruntime = provider ? `onnxruntime on ${provider}` : undefined;
	const prefix = part("prefix");
	const live = part("live");
	const suffix = part("suffix");
	return [
		zone("once", prefixTitle(way), onnxruntime, prefix, keptLine(way, prefix)),
		zone("again", "Each epoch anew", onnxruntime, live),
		zone(
			"learns",
			"classical" in plan && plan.classical ? "Fitted at once" : "Every step",
			tfjs ? `tfjs on ${tfjs}` : undefined,
			suffix,
		),
		html`<li class="zone goal"><p class="zone-title">${"classical" in plan && plan.classical ? "Head" : "Loss and training"}</p><ul>${training.map((line) => html`<li>${line}</li>`)}</ul></li>`,
	];
}

function prefixTitle(way: Way): string {
	const views = way.view_keys?.length;
	if (views !== undefined) return `${views} views of each photo, drawn once`;
	return "Once per photo";
}

/** What the cache keeps of each photo. */
function keptLine(way: Way, prefix: readonly WayStage[]): Content {
	const isKept = way.feature_key !== null || way.view_keys !== undefined;
	const shape = way.feature_shape;
	if (!isKept || prefix.length === 0) return undefined;
	const dtype = way.feature_dtype ?? "float32";
	const size = shape.reduce((a, b) => a * b, 1) * (dtype === "float16" ? 2 : 4);
	return html`<li class="kept">kept on disk: ${shape.join(" × ")} ${dtype}, ${bytes(size)}</li>${way.precision && html`<li class="kept">computed in int8, ranges from ${way.precision.int8.photos} photos</li>`}`;
}

function zone(
	tone: string,
	title: string,
	engine: string | undefined,
	stages: readonly WayStage[],
	more?: Content,
): Markup | undefined {
	if (stages.length === 0) return undefined;
	const pixels = stages.filter(({ kind }) => kind !== "layer");
	const blocks = blocksOf(
		unitsOf(stages.filter(({ kind }) => kind === "layer")),
	);
	return html`<li class="zone ${tone}"><p class="zone-title">${title}${engine ? html` <span class="quiet">${engine}</span>` : undefined}</p>
<ul>${pixels.map(pixelLine)}${blocks.map(blockLine)}${more}</ul></li>`;
}

function pixelLine(stage: WayStage): Markup {
	if (stage.kind === "decode")
		return html`<li><b>photo</b> <span class="gives">decoded</span></li>`;
	return html`<li><b>${name(stage.name)}</b>${stage.random && html` <span class="tag">random</span>`} <span class="gives">${shapeText(stage.output_shape)}</span></li>`;
}

function blockLine({
	label,
	units,
	parameters,
	isTrainable,
	shape,
}: Block): Markup {
	const layers = units.length === 1 ? undefined : `${units.length} layers`;
	const weights =
		parameters > 0 &&
		`${grouped(parameters)} parameters ${isTrainable ? "learn" : "frozen"}`;
	const detail = [layers, weights].filter(Boolean).join(", ");
	const isRandom = units.some(({ stages }) =>
		stages.some(({ random }) => random),
	);
	return html`<li><b>${name(label)}</b>${isRandom && html` <span class="tag">random</span>`} <span class="gives">${shapeText(shape)}</span>${detail && html`<span class="of-block">${detail}</span>`}</li>`;
}

/** Shapes with varying sides are those of the photo itself. */
function shapeText(shape: WayStage["output_shape"]): Content {
	if (!shape || shape.includes("?")) return undefined;
	return html`→ ${shape.join(" × ")}`;
}
