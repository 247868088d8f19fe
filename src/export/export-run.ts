import { existsSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import type { AskOptions } from "../ask.ts";
import { ok, type Result, RunError } from "../diagnostic.ts";
import { predictPhotos } from "../predict.ts";
import { readPredictions } from "../runs/predictions.ts";
import { openNetwork, type Trained } from "../trained.ts";
import { writeWhole } from "../write-whole.ts";
import { modelCard } from "./card.ts";
import { networkOf } from "./network.ts";
import { openNewFolder, writeFailure } from "./new-folder.ts";
import { checkParity, type Expected, type Parity } from "./parity.ts";
import type { ExportFormat, WriteOptions, Writer } from "./writer.ts";
import { onnxWriter } from "./writers/onnx.ts";
import { safetensorsWriter } from "./writers/safetensors.ts";
import { tfjsWriter } from "./writers/tfjs.ts";

/**
 * A run's whole network as files that others open:
 *
 *   run ─ put together ─ preprocessing and labels ─ written ─ read back ─ real photos agree? ─ renamed into its place
 */

const WRITERS: Readonly<Record<ExportFormat, Writer>> = {
	onnx: onnxWriter,
	safetensors: safetensorsWriter,
	tfjs: tfjsWriter,
};

/** What became of an export. */
export interface Exported {
	readonly runId: string;
	/** Absolute. */
	readonly folder: string;
	/** Relative to the folder. */
	readonly files: readonly string[];
	/** Of the network's own files. */
	readonly bytes: number;
	readonly parity: Parity;
}

/** Photos that an export is checked on, at most. */
const MOST_PHOTOS = 256;

/**
 * @param folder of the run
 * @param out a folder that is not there yet
 * @param photos to check the export on; none: the run's valid photos
 * @throws RunError "export-exists", "export-not-writable", "export-unsupported", "export-differs", "export-no-photos", "export-not-a-layer"; as
 *   openNetwork. Nothing is left behind.
 */
export async function exportRun(
	folder: string,
	format: ExportFormat,
	out: string,
	photos: readonly string[],
	options: AskOptions & WriteOptions,
): Promise<Result<Exported>> {
	const target = resolve(out);
	if (existsSync(target))
		throw new RunError("export-exists", `"${out}" is there already`, {
			fix: "name another folder with --out, or remove this one",
		});
	const opened = await openNetwork(folder, options);
	if (!opened.ok) return opened;
	const trained = opened.value;
	const network = await networkOf(trained);
	const write = WRITERS[format](network, trained, options);
	const { temporary, remove } = openNewFolder(target);
	try {
		const expected = await expectedOf(trained, folder, photos, options);
		if (!expected.ok) {
			remove();
			return expected;
		}
		const { exif } = trained.prepared.loaded.experiment.data;
		const written = await write(temporary);
		const parity = await checkParity(
			...[written.open, network.transforms, expected.value],
			{ exif, isMultiLabel: network.isMultiLabel, fix: written.fix },
		);
		const { record, prepared } = trained;
		const texts = {
			"classes.json": `${JSON.stringify(network.classNames, null, 2)}\n`,
			"transforms.json": `${JSON.stringify(network.transforms, null, 2)}\n`,
			"README.md": modelCard(
				...[record, network, parity, prepared.backbone.license],
				written,
			),
		};
		for (const [name, text] of Object.entries(texts))
			writeWhole(join(temporary, name), text);
		const more = written.finish?.() ?? [];
		renameSync(temporary, target);
		const files = [...written.files, ...Object.keys(texts), ...more];
		const { bytes } = written;
		return ok(
			{ runId: record.runId, folder: target, files, bytes, parity },
			opened.warnings,
		);
	} catch (error) {
		remove();
		throw writeFailure(error, target);
	}
}

/** What the run says of the photos named, or has said of its valid photos as far as they are still there. */
async function expectedOf(
	{ record, prepared }: Trained,
	folder: string,
	photos: readonly string[],
	options: AskOptions,
): Promise<Result<readonly Expected[]>> {
	if (photos.length > 0) {
		const said = await predictPhotos(folder, photos, options);
		if (!said.ok) return said;
		if (said.value.photos.length === 0)
			throw new RunError(
				"export-no-photos",
				"none of the photos named can be read, and an export is checked on photos",
				{ fix: "name photos that are whole" },
			);
		return ok(
			spread(
				said.value.photos.map((photo) => ({
					...photo,
					file: resolve(photo.path),
				})),
			),
		);
	}
	const root = record.data?.root ?? prepared.loaded.experiment.data.root;
	const there = readPredictions(folder)
		.map((prediction) => ({ ...prediction, file: join(root, prediction.path) }))
		.filter(({ file }) => existsSync(file));
	if (there.length > 0) return ok(spread(there));
	throw new RunError(
		"export-no-photos",
		`none of the valid photos of run ${record.runId} is in ${root} any more, and an export is checked on photos`,
		{ fix: "name photos to check it on: graft export RUN --to onnx PHOTOS…" },
	);
}

/** From all over the list, so that every class has its share. */
function spread(photos: readonly Expected[]): readonly Expected[] {
	const most = Math.min(MOST_PHOTOS, photos.length);
	return Array.from(
		{ length: most },
		(_, index) =>
			photos[Math.floor((index * photos.length) / most)] as Expected,
	);
}
