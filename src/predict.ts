import { readFileSync, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { type AskOptions, ask, askViews } from "./ask.ts";
import { findPhotos } from "./data/listing/photo-files.ts";
import type { CorruptPhoto, Sample } from "./data/types.ts";
import { type Diagnostic, fail, ok, type Result } from "./diagnostic.ts";
import { evaluationRules } from "./experiment/rules/gate.ts";
import type { EvaluationOptions, Experiment } from "./experiment/types.ts";
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

/** Ways of averaging over views of a photo. */
export type Tta = NonNullable<EvaluationOptions["tta"]>;

/** One photo and what it is taken for. */
export interface PredictedPhoto {
	/** As the user named it, or below the folder that was named. */
	readonly path: string;
	/** Class index of the largest. */
	readonly predicted: number;
	/** Of each class, 0 … 1. */
	readonly probabilities: readonly number[];
}

/** How they are asked. */
export interface PredictOptions extends AskOptions {
	/** Averages the probabilities of several views; undefined: one view, as in the run's predictions. */
	readonly tta?: Tta;
}

/**
 * @param operands photo files, and folders that are searched for photos
 * @throws RunError as openNetwork and the extraction
 */
export async function predictPhotos(
	folder: string,
	operands: readonly string[],
	{ tta, ...options }: PredictOptions,
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
	const viewed = withViews(prepared, tta);
	if (!viewed.ok) return viewed;
	const network = {
		...{ prepared: viewed.value, dataset: { ...dataset, root }, trained },
	};
	const said =
		(await askViews(network, wanted, options)) ??
		(await ask(network, wanted, prepared.plan.eval, options));
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

/** The views that are wished for; and a photo that cannot be decoded is no reason not to look at the others. */
function withViews(prepared: Prepared, tta: Tta | undefined): Result<Prepared> {
	const { loaded } = prepared;
	const { evaluation: _, ...rest } = loaded.experiment;
	const experiment: Experiment = {
		...{ ...rest, data: { ...rest.data, on_corrupt: "skip" as const } },
		...(tta && { evaluation: { tta } }),
	};
	const problems = evaluationRules(experiment).map(
		({ code, message, reason }): Diagnostic => ({
			...{ severity: "error", code, message, reason },
			fix: "write --tta hflip",
		}),
	);
	return problems.length > 0
		? fail(problems)
		: ok({ ...prepared, loaded: { ...loaded, experiment } });
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
