import { readFileSync, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { type AskOptions, ask } from "./ask.ts";
import { findPhotos } from "./data/listing/photo-files.ts";
import type { CorruptPhoto, Sample } from "./data/types.ts";
import { type Diagnostic, fail, ok, type Result } from "./diagnostic.ts";
import { sha256 } from "./fingerprint.ts";
import type { Prepared } from "./prepare.ts";
import { openNetwork } from "./trained.ts";

/**
 * What a run's network says of any photos: the numbers that training's evaluation would give for them.
 *
 *   run ─ put together again, without its photos ─ photos through the eval pipeline ─ probabilities
 */
export interface Predicted {
	readonly runId: string;
	readonly classNames: readonly string[];
	readonly photos: readonly PredictedPhoto[];
	readonly corrupt: readonly CorruptPhoto[];
}

/** One photo and what it is taken for. */
export interface PredictedPhoto {
	/** As the user named it, or below the folder that was named. */
	readonly path: string;
	/** Class index of the largest. */
	readonly predicted: number;
	/** Of each class, 0 … 1. */
	readonly probabilities: readonly number[];
}

/**
 * @param operands photo files, and folders that are searched for photos
 * @throws RunError as openNetwork and the extraction
 */
export async function predictPhotos(
	folder: string,
	operands: readonly string[],
	options: AskOptions,
): Promise<Result<Predicted>> {
	const listed = listPhotos(operands);
	if (!listed.ok) return listed;
	const opened = await openNetwork(folder, options);
	if (!opened.ok) return opened;
	const { record, prepared, dataset, trained } = opened.value;
	const hasLabels = prepared.loaded.experiment.data.multi_label !== undefined;
	const root = process.cwd();
	const named = new Map<string, string>();
	const wanted = listed.value.map((path): Sample => {
		const absolute = resolve(path);
		const inRoot = relative(root, absolute).split(sep).join("/");
		named.set(inRoot, path);
		return {
			...{ path: inRoot, sha256: sha256(readFileSync(absolute)) },
			// Whatever they show: their labels are not asked for.
			...(hasLabels ? { label: -1, labels: [] } : { label: 0 }),
			split: "valid",
		};
	});
	const said = await ask(
		{ prepared: skipping(prepared), dataset: { ...dataset, root }, trained },
		wanted,
		prepared.plan.eval,
		options,
	);
	const k = dataset.classNames.length;
	const photos = said.samples.map(({ path }, row) => ({
		path: named.get(path) ?? path,
		predicted: said.validPredicted[row] as number,
		probabilities: [
			...said.validProbabilities.subarray(row * k, (row + 1) * k),
		],
	}));
	const corrupt = said.corrupt.map(({ path, reason }) => ({
		path: named.get(path) ?? path,
		reason,
	}));
	const { classNames } = dataset;
	return ok(
		{ runId: record.runId, classNames, photos, corrupt },
		opened.warnings,
	);
}

/** A photo that cannot be decoded is no reason not to look at the others. */
function skipping(prepared: Prepared): Prepared {
	const { loaded } = prepared;
	const data = { ...loaded.experiment.data, on_corrupt: "skip" as const };
	const experiment = { ...loaded.experiment, data };
	return { ...prepared, loaded: { ...loaded, experiment } };
}

/** Files as they are, folders searched; each photo once, in the order named. */
export function listPhotos(
	operands: readonly string[],
): Result<readonly string[]> {
	const problems: Diagnostic[] = [];
	const paths = operands.flatMap((operand) => {
		const found = statSync(operand, { throwIfNoEntry: false });
		if (found === undefined) {
			problems.push({
				severity: "error",
				code: "no-such-photo",
				message: `there is no file or folder "${operand}"`,
				fix: "name photos, or folders with photos in them",
			});
			return [];
		}
		if (!found.isDirectory()) return [operand];
		const inside = findPhotos(operand).photos.map((path) =>
			[operand.replace(/[\\/]+$/, ""), path].join("/"),
		);
		if (inside.length === 0)
			problems.push({
				severity: "error",
				code: "no-photos-in-folder",
				message: `"${operand}" holds no photos`,
				fix: "name a folder with .jpg, .png or .webp files in it or below it",
			});
		return inside;
	});
	return problems.length > 0 ? fail(problems) : ok([...new Set(paths)]);
}
