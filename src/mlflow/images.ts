import {
	existsSync,
	readdirSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { sha256 } from "../fingerprint.ts";
import { makeFolder } from "../make-folder.ts";
import { classesOf, classText, saidOf } from "../runs/labels.ts";
import { readPredictions } from "../runs/predictions.ts";
import { readRun } from "../runs/record.ts";
import { wrongPhotos } from "../runs/report/photos.ts";
import type { RunRecord } from "../runs/types.ts";

/**
 * Series of images that MLflow shows with a slider: training photos before and after their transforms, and the
 * most wrong valid photos. Made from the photos once, by whoever sends the run first, never by the run itself,
 * and kept in its folder under the names that MLflow reads:
 *
 *   images/<series, / as ~>+step+<place>+timestamp+<ms>+<uuid>.png     the same +compressed.webp
 */

export const IMAGES_FOLDER = "images";
const PREVIEW = "train/transforms";
const WRONG = "valid/most_wrong";
/** Photos of a series where the file does not say. */
const USUAL = 8;
/** Draws of random transforms. */
const DRAWS = 3;

/**
 * Makes the images of a run that is over, unless they are there. Photos that have gone since are left out; a
 * failure costs nothing but the images.
 */
export async function makeImages(folder: string): Promise<void> {
	if (existsSync(join(folder, IMAGES_FOLDER))) return;
	const temporary = join(folder, `${IMAGES_FOLDER}.${process.pid}.tmp`);
	try {
		const record = readRun(folder);
		if (record.status !== "FINISHED" || mostOf(record) === 0) return;
		if (record.data === undefined || !existsSync(record.data.root)) return;
		makeFolder(temporary);
		await draw(record, temporary);
		if (readdirSync(temporary).length > 0)
			renameSync(temporary, join(folder, IMAGES_FOLDER));
	} catch {
		// Another process was first, the folder is read-only, a photo cannot be decoded.
	} finally {
		rmSync(temporary, { recursive: true, force: true });
	}
}

/** Names of the images that are there. */
export function imageNames(folder: string): string[] {
	try {
		return readdirSync(join(folder, IMAGES_FOLDER)).sort();
	} catch {
		return [];
	}
}

function mostOf({ experiment, trial }: RunRecord): number {
	return experiment.tracking?.images ?? (trial === undefined ? USUAL : 0);
}

async function draw(record: RunRecord, into: string): Promise<void> {
	// Loaded here: most runs are sent without drawing anything.
	const { captionedPhoto, transformedPhoto } = await import(
		"../data/preview/series.ts"
	);
	const { data, experiment } = record;
	if (data === undefined) return;
	const { exif } = experiment.data;
	const { seed } = experiment;
	const policies = policiesOf(record);
	const most = mostOf(record);
	for (const [place, photo] of (data.preview ?? []).slice(0, most).entries()) {
		const options = { exif, seed, draws: DRAWS };
		const image = await transformedPhoto(data.root, photo, policies, options);
		if (image !== undefined) keep(into, nameOf(record, PREVIEW, place), image);
	}
	const wrong = wrongPhotos(readPredictions(record.folder)).slice(0, most);
	for (const [place, photo] of wrong.entries()) {
		const { label, predicted, probabilities, path } = photo;
		const say = (index: number) =>
			`${data.classNames[index] ?? `class ${index}`} ${Math.round(100 * (probabilities[index] ?? 0))} %`;
		const isSole = photo.labels === undefined;
		const text = (indices: readonly number[]) =>
			classText(indices, data.classNames);
		const lines = [
			`said ${isSole ? say(predicted) : text(saidOf(photo))}`,
			`is ${isSole ? say(label) : text(classesOf(photo))}`,
			basename(path),
		];
		const image = await captionedPhoto(
			join(data.root, path),
			exif,
			lines,
		).catch(() => undefined);
		if (image !== undefined) keep(into, nameOf(record, WRONG, place), image);
	}
}

function policiesOf({ experiment }: RunRecord) {
	const { train, eval: evaluation } = experiment.transforms;
	if (JSON.stringify(train) === JSON.stringify(evaluation))
		return [{ name: experiment.name, transforms: train }];
	return [
		{ name: "train", transforms: train },
		{ name: "eval", transforms: evaluation },
	];
}

/** The same for every making, so that a second replay finds the files there. */
function nameOf(record: RunRecord, series: string, place: number): string {
	const { runId, startTime, endTime } = record;
	const hex = sha256(Buffer.from(`${runId} ${startTime} ${series} ${place}`));
	const uuid = [
		[0, 8],
		[8, 12],
		[12, 16],
		[16, 20],
		[20, 32],
	]
		.map(([from, to]) => hex.slice(from, to))
		.join("-");
	const timestamp = Date.parse(endTime ?? startTime);
	return `${series.replaceAll("/", "~")}+step+${place}+timestamp+${timestamp}+${uuid}`;
}

function keep(
	folder: string,
	name: string,
	{ png, webp }: { readonly png: Uint8Array; readonly webp: Uint8Array },
): void {
	writeFileSync(join(folder, `${name}.png`), png);
	writeFileSync(join(folder, `${name}+compressed.webp`), webp);
}
