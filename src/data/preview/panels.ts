import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { RunError } from "../../diagnostic.ts";
import type { Transform } from "../../experiment/types.ts";
import { random } from "../../random.ts";
import { CorruptPhoto } from "../corrupt-photo.ts";
import { decodePhoto } from "../decode.ts";
import { grayscale } from "../transforms/color.ts";
import { type Image, isPixels } from "../transforms/image.ts";
import type { Box } from "../transforms/random-crop.ts";
import { normalization } from "../transforms/simple.ts";
import type { Normalization } from "../transforms/tensor.ts";
import { hasRandom } from "../transforms.ts";
import type { FloatImage, Pixels } from "../types.ts";
import { type Color, dimOutside, FRAMES, fit, frameBox } from "./canvas.ts";
import { trace } from "./trace.ts";

/** The pictures of a preview: per photo and list of transforms, the photo as it is and what becomes of it. */

/** A list of transforms and what to call it: "train", "eval", the experiment's name. */
export interface Policy {
	readonly name: string;
	readonly transforms: readonly Transform[];
}

/** One picture of a row, and the words under it. */
export interface Panel {
	readonly pixels: Pixels;
	/** One short line, ASCII. */
	readonly caption: string;
	/** Colour of the frame that ties a result to its outline on the photo; undefined: none. */
	readonly frame: Color | undefined;
}

/** One photo before and after its transforms. */
export interface Row {
	readonly photo: string;
	/** "500 x 375", or why the photo cannot be shown. */
	readonly note: string;
	/** One list a policy: the photo first, then one result a draw. Empty for a corrupt photo. */
	readonly groups: readonly (readonly Panel[])[];
}

/** Longest side of a panel, in pixels. */
export const PANEL_SIDE = 224;

/** (x * std + mean) / scale, channels in RGB order: Normalize undone. */
function denormalize(
	image: FloatImage,
	{ mean, std, scale, channels }: Normalization,
): FloatImage {
	const { height, width } = image;
	const plane = height * width;
	const data = image.data.map((value, index) => {
		const channel = Math.floor(index / plane);
		const of = (values: readonly number[]) => values[channel % values.length];
		return (value * of(std) + of(mean)) / scale;
	});
	if (channels === "RGB" || image.channels !== 3) return { ...image, data };
	const [blue, green, red] = [0, 1, 2].map((channel) =>
		data.subarray(channel * plane, (channel + 1) * plane),
	);
	return { ...image, data: Float32Array.of(...red, ...green, ...blue) };
}

/** Any image of a chain as RGB bytes to look at. */
function visible(image: Image, transforms: readonly Transform[]): Pixels {
	if (isPixels(image)) return grayscaleToRgb(image);
	const tensor = transforms
		.filter(({ name }) => name === "Normalize")
		.reduceRight(
			(current, { params }) => denormalize(current, normalization(params)),
			image,
		);
	const { height, width, channels } = tensor;
	const plane = height * width;
	const data = new Uint8Array(plane * channels);
	for (let at = 0; at < data.length; at++) {
		const value =
			tensor.data[(at % channels) * plane + Math.floor(at / channels)];
		data[at] = Math.min(255, Math.max(0, Math.round(value * 255)));
	}
	return grayscaleToRgb({
		data,
		height,
		width,
		channels: channels === 3 ? 3 : 1,
	});
}

function grayscaleToRgb(image: Pixels): Pixels {
	return image.channels === 3 ? image : grayscale(image, 3);
}

/** A Normalize that no plan has completed yet changes nothing to look at. */
function showable(transforms: readonly Transform[]): readonly Transform[] {
	return transforms.filter(
		({ name, params }) => name !== "Normalize" || "scale" in params,
	);
}

function covers(box: Box, { height, width }: Pixels): boolean {
	const slack = 0.01;
	return (
		box.top <= slack &&
		box.left <= slack &&
		box.top + box.height >= height - slack &&
		box.left + box.width >= width - slack
	);
}

/** Share of the photo inside the box, 0 … 1. */
function keptShare(box: Box, { height, width }: Pixels): number {
	const overlap = (start: number, length: number, size: number) =>
		Math.max(0, Math.min(size, start + length) - Math.max(0, start)) / size;
	return (
		overlap(box.left, box.width, width) * overlap(box.top, box.height, height)
	);
}

function scaled(box: Box, by: number): Box {
	const top = Math.round(box.top * by);
	const left = Math.round(box.left * by);
	return {
		top,
		left,
		height: Math.round((box.top + box.height) * by) - top,
		width: Math.round((box.left + box.width) * by) - left,
	};
}

/** The photo with what is cut off dimmed, or with one outline a draw. */
function beforePanel(photo: Pixels, kept: readonly Box[]): Panel {
	const pixels = fit(photo, PANEL_SIDE, true);
	const by = pixels.width / photo.width;
	const partial = kept.some((box) => !covers(box, photo));
	if (partial && kept.length === 1) dimOutside(pixels, scaled(kept[0], by));
	if (partial)
		for (const [draw, box] of kept.entries())
			frameBox(pixels, scaled(box, by), FRAMES[draw % FRAMES.length], 2);
	const shares = kept.map((box) => Math.round(keptShare(box, photo) * 100));
	const [least, most] = [Math.min(...shares), Math.max(...shares)];
	const caption =
		least === most ? `kept: ${least} %` : `kept: ${least} to ${most} %`;
	return { pixels, caption, frame: undefined };
}

function policyPanels(
	photo: Pixels,
	photoName: string,
	policy: Policy,
	label: string,
	{ seed, draws }: { readonly seed: number; readonly draws: number },
): readonly Panel[] {
	const transforms = showable(policy.transforms);
	const chance = hasRandom(transforms);
	const results = Array.from({ length: chance ? draws : 1 }, (_, draw) =>
		trace(photo, transforms, () =>
			random(seed, "preview", policy.name, photoName, draw),
		),
	);
	const kept = results.map((result) => result.kept);
	const framed = kept.some((box) => !covers(box, photo));
	const after = results.map(({ image }, draw): Panel => {
		const { height, width } = image;
		const title = chance ? `draw ${draw + 1}` : label;
		return {
			pixels: fit(visible(image, transforms), PANEL_SIDE),
			caption: `${title}: ${width} x ${height}`,
			frame: framed ? FRAMES[draw % FRAMES.length] : undefined,
		};
	});
	return [beforePanel(photo, kept), ...after];
}

/** The panels of one photo. A photo that cannot be used becomes a row that says why. */
export async function previewRow(
	root: string,
	photo: string,
	policies: readonly Policy[],
	options: {
		readonly exif: "apply" | "ignore";
		readonly seed: number;
		readonly draws: number;
	},
): Promise<Row> {
	try {
		const bytes = await readFile(join(root, photo));
		const pixels = await decodePhoto(bytes, options);
		const groups = policies.map((policy) =>
			policyPanels(
				pixels,
				photo,
				policy,
				policies.length === 1 ? "after" : policy.name,
				options,
			),
		);
		return { photo, note: `${pixels.width} x ${pixels.height}`, groups };
	} catch (error) {
		if (error instanceof CorruptPhoto)
			return { photo, note: error.reason, groups: [] };
		if (error instanceof RunError)
			return { photo, note: error.message, groups: [] };
		throw error;
	}
}
