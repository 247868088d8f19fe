import {
	accessSync,
	constants,
	existsSync,
	readFileSync,
	statSync,
} from "node:fs";
import { dirname } from "node:path";
import {
	type Diagnostic,
	fail,
	ok,
	type Result,
	RunError,
} from "../../diagnostic.ts";
import { writeWhole } from "../../write-whole.ts";
import type { Baseline, GateResults, PhotoResult } from "./types.ts";

/**
 * The baseline file: JSON that reads well in a diff, one photo a line.
 * `undefined` where there is none; "bad-baseline" where it is something else, "baseline-not-readable" where the system
 * does not give it.
 */
export function readBaseline(file: string): Result<Baseline | undefined> {
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT")
			return ok(undefined);
		return fail([notReadable(file, error as NodeJS.ErrnoException)]);
	}
	let value: Baseline & { photos: readonly string[] };
	try {
		// Some editors put a byte order mark before the text.
		value = JSON.parse(text.replace(/^\ufeff/, ""));
	} catch (error) {
		return fail([bad(file, (error as Error).message)]);
	}
	if (value?.version !== 1)
		return fail([bad(file, `"version" is ${value?.version}, not 1`)]);
	const wrong = problemOf(value);
	if (wrong !== undefined) return fail([bad(file, wrong)]);
	const photos = value.photos.map(parsePhoto);
	const broken = photos.findIndex(
		(photo) => photo?.right.length !== value.seeds.length,
	);
	if (broken !== -1)
		return fail([
			bad(file, `photo ${broken + 1} is no photo of this baseline`),
		]);
	return ok({
		...value,
		seeds: value.seeds.map((seed) => ({
			...seed,
			metrics: withNaN(seed.metrics),
		})),
		photos: photos as readonly PhotoResult[],
	});
}

/** JSON has no number that is none: it was written as null. */
function withNaN(
	metrics: Readonly<Record<string, number | null>>,
): Record<string, number> {
	return Object.fromEntries(
		Object.entries(metrics).map(([key, value]) => [key, value ?? Number.NaN]),
	);
}

function problemOf(value: {
	readonly seeds?: unknown;
	readonly photos?: unknown;
	readonly classNames?: unknown;
	readonly history?: unknown;
}): string | undefined {
	for (const key of ["seeds", "photos", "classNames", "history"] as const)
		if (!Array.isArray(value[key])) return `"${key}" is no list`;
	const { seeds, photos } = value as {
		seeds: readonly { metrics?: unknown }[];
		photos: readonly unknown[];
	};
	if (seeds.length === 0 || photos.length === 0)
		return "it has no seeds or no photos";
	if (seeds.some((seed) => !isMetrics(seed?.metrics)))
		return "a seed has no metrics, or one that is no number";
	if (photos.some((photo) => typeof photo !== "string"))
		return "a photo is no text";
	return undefined;
}

function isMetrics(metrics: unknown): boolean {
	return (
		typeof metrics === "object" &&
		metrics !== null &&
		Object.values(metrics).every(
			(value) => value === null || typeof value === "number",
		)
	);
}

/** `<id> <right> <label in JSON> <path in JSON>`. */
function parsePhoto(line: string): PhotoResult | undefined {
	const match = /^([0-9a-f]{16}) ([01]+) ("(?:[^"\\]|\\.)*") (".*")$/.exec(
		line,
	);
	if (match === null) return undefined;
	const [, id = "", right = "", label = "", path = ""] = match;
	try {
		return { id, right, label: JSON.parse(label), path: JSON.parse(path) };
	} catch {
		return undefined;
	}
}

/**
 * Whether it could be written, before the runs that it is made of.
 * @throws RunError "baseline-not-writable"
 */
export function probeBaseline(file: string): void {
	let folder = dirname(file);
	while (!existsSync(folder) && dirname(folder) !== folder)
		folder = dirname(folder);
	try {
		if (!statSync(folder).isDirectory())
			throw new Error(`${folder} is no folder`);
		if (existsSync(file) && !statSync(file).isFile())
			throw new Error("it is no file");
		accessSync(folder, constants.W_OK);
	} catch (cause) {
		throw notWritable(file, cause as Error);
	}
}

/**
 * Writes it whole.
 * @throws RunError "baseline-not-writable"
 */
export function writeBaseline(file: string, baseline: Baseline): void {
	const lines = baseline.photos.map(
		({ id, right, label, path }) =>
			`${id} ${right} ${JSON.stringify(label)} ${JSON.stringify(path)}`,
	);
	const text = JSON.stringify({ ...baseline, photos: lines }, null, "\t");
	try {
		writeWhole(file, `${text}\n`, { durable: true });
	} catch (cause) {
		throw notWritable(file, cause as Error);
	}
}

/** The next baseline: today's results, and one line more of history. */
export function nextBaseline(
	results: GateResults,
	previous: Baseline | undefined,
	about: { experiment: string; graft: string; reason: string; when: string },
): Baseline {
	const accuracies = results.seeds.map(
		({ metrics }) => metrics["valid/accuracy"] ?? Number.NaN,
	);
	const mean = accuracies.reduce((a, b) => a + b, 0) / accuracies.length;
	const accuracy = Number(mean.toFixed(6));
	const { experiment, graft, reason, when } = about;
	return {
		version: 1,
		...{ experiment, graft, created: when },
		history: [...(previous?.history ?? []), { when, reason, accuracy }],
		...results,
	};
}

function bad(file: string, message: string): Diagnostic {
	return {
		severity: "error",
		code: "bad-baseline",
		file,
		message: `this baseline cannot be read: ${message}`,
		reason:
			"graft gate --update writes baselines; a merge conflict in one breaks it",
		fix: "take one side of the conflict, or write it anew: graft gate FILE --update --reason TEXT",
	};
}

function notReadable(
	file: string,
	{ code, message }: NodeJS.ErrnoException,
): Diagnostic {
	return {
		severity: "error",
		code: "baseline-not-readable",
		file,
		message: code === "EISDIR" ? "this is a folder" : message,
		reason: "gate.baseline names the baseline file, relative to the experiment",
		fix: "name a file that may be read and written",
	};
}

function notWritable(file: string, cause: Error): RunError {
	return new RunError(
		"baseline-not-writable",
		`the baseline ${file} cannot be written: ${cause.message}`,
		{
			fix: "make its folder writable, or name another file in gate.baseline",
			cause,
		},
	);
}
