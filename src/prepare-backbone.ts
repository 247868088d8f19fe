import { dirname, join } from "node:path";
import {
	type Diagnostic,
	fail,
	ok,
	type Result,
	RunError,
} from "./diagnostic.ts";
import type { LoadedExperiment } from "./experiment/load.ts";
import { openBackbone } from "./model/backbone.ts";
import type { Backbone, FetchTalk } from "./model/types.ts";
import { LOCK_FILE } from "./model/weights/lock.ts";
import { placed } from "./plan/place.ts";
import { imageShape } from "./plan/rules.ts";

/** The network of an experiment, its weights looked for or fetched. */
export interface BackboneOptions {
	readonly cacheFolder: string;
	/** Who is told while weights are fetched. */
	readonly fetching?: FetchTalk;
	/** False: weights.lock.json is not looked at. */
	readonly pin?: boolean;
}

/** A failure to open it is a mistake of the file, so that it is reported among the others. */
export async function readBackbone(
	loaded: LoadedExperiment,
	{ cacheFolder: cache, pin = true }: BackboneOptions,
): Promise<Result<Backbone>> {
	const { model, seed, transforms } = loaded.experiment;
	const [, height, width] = imageShape(transforms.eval);
	const sized = typeof height === "number" && typeof width === "number";
	try {
		const backbone = await openBackbone(model, seed, {
			cache,
			...(pin && { lockFile: join(dirname(loaded.file), LOCK_FILE) }),
			...(sized ? { inputSize: [height, width] as const } : {}),
		});
		const notes = (backbone.weightsNotes ?? []).map((message) =>
			placed(loaded, WEIGHTS, {
				severity: "warning",
				code: "weights-renamed",
				message,
			}),
		);
		if (backbone.weightsSha256 !== undefined) return ok(backbone, notes);
		const missing = await backbone.loadWeights().then(
			() => undefined,
			(error: unknown) => asDiagnostic(loaded, WEIGHTS, error),
		);
		return ok(backbone, missing === undefined ? notes : [...notes, missing]);
	} catch (error) {
		const key = typeof model.backbone === "string" ? [] : ["onnx"];
		return fail([asDiagnostic(loaded, ["model", "backbone", ...key], error)]);
	}
}

const WEIGHTS = ["model", "weights"] as const;

/**
 * The same network with its weights fetched and pinned. A folder in which nothing can be pinned is worth a warning.
 * @throws RunError of the download.
 */
export async function fetchBackbone(
	{ fetchWeights }: Backbone,
	loaded: LoadedExperiment,
	options: BackboneOptions,
): Promise<Result<Backbone>> {
	let unpinned: Diagnostic | undefined;
	try {
		await fetchWeights?.(options.fetching ?? {});
	} catch (error) {
		const code = error instanceof RunError ? error.code : undefined;
		if (code !== "weights-lock-unwritable") throw error;
		unpinned = {
			...asDiagnostic(loaded, WEIGHTS, error),
			severity: "warning",
		};
	}
	const opened = await readBackbone(loaded, options);
	return opened.ok && unpinned
		? ok(opened.value, [...opened.warnings, unpinned])
		: opened;
}

function asDiagnostic(
	loaded: LoadedExperiment,
	at: readonly string[],
	error: unknown,
): Diagnostic {
	if (!(error instanceof RunError)) throw error;
	const { code, message, fix } = error;
	return placed(loaded, at, {
		severity: "error",
		code,
		message,
		...(fix === undefined ? {} : { fix }),
	});
}
