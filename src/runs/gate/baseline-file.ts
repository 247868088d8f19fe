import { readFileSync } from "node:fs";
import { type Diagnostic, fail, ok, type Result } from "../../diagnostic.ts";
import { writeWhole } from "../../write-whole.ts";
import type { Baseline, GateResults, PhotoResult } from "./types.ts";

/**
 * The baseline file: JSON that reads well in a diff, one photo a line.
 * `undefined` where there is none; "bad-baseline" where it is something else.
 */
export function readBaseline(file: string): Result<Baseline | undefined> {
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT")
			return ok(undefined);
		return fail([bad(file, (error as Error).message)]);
	}
	let value: Baseline & { photos: readonly string[] };
	try {
		value = JSON.parse(text);
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
	return ok({ ...value, photos: photos as readonly PhotoResult[] });
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
	if (seeds.some((seed) => typeof seed?.metrics !== "object"))
		return "a seed has no metrics";
	if (photos.some((photo) => typeof photo !== "string"))
		return "a photo is no text";
	return undefined;
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
 * Writes it whole.
 * @throws what the system says
 */
export function writeBaseline(file: string, baseline: Baseline): void {
	const lines = baseline.photos.map(
		({ id, right, label, path }) =>
			`${id} ${right} ${JSON.stringify(label)} ${JSON.stringify(path)}`,
	);
	const text = JSON.stringify({ ...baseline, photos: lines }, null, "\t");
	writeWhole(file, `${text}\n`, { durable: true });
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
