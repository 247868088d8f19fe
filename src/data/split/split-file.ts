import { readFileSync } from "node:fs";
import { fail, ok, type Result, RunError } from "../../diagnostic.ts";
import type { SplitOptions } from "../../experiment/types.ts";
import { writeWhole } from "../../write-whole.ts";
import { type DataDiagnostic, dataError } from "../diagnose.ts";
import type { Split } from "../types.ts";
import { isSplit } from "./split-units.ts";

/**
 * A drawn split, kept so that every later run has the same one:
 *
 *   { "format": "graft split 1", "seed": 0, "valid": 0.2, "test": 0, "stratify": true, "group_by": null,
 *     "photos": { "<sha256 of a photo>": "train", … } }
 *
 * It may be edited by hand. Photos that are gone stay in it and keep their split should they return.
 */
const FORMAT = "graft split 1";

/** The options a drawn split depends on. */
const DRAWN_BY = ["seed", "valid", "test", "stratify", "group_by"] as const;

/** sha256 → split of the kept file; empty where there is none yet. */
export function readSplitFile(
	options: SplitOptions,
): Result<ReadonlyMap<string, Split>> {
	let text: string;
	try {
		text = readFileSync(options.file, "utf8");
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENOENT" || code === "ENOTDIR") return ok(new Map());
		return fail([broken(options, (error as Error).message)]);
	}
	let content: Record<string, unknown>;
	try {
		content = JSON.parse(text) as Record<string, unknown>;
	} catch (error) {
		return fail([broken(options, (error as Error).message)]);
	}
	if (content === null || typeof content !== "object")
		return fail([broken(options, "expected a JSON object")]);
	if (content.format !== FORMAT)
		return fail([
			broken(
				options,
				`expected "format": "${FORMAT}", found ${JSON.stringify(content.format) ?? "none"}`,
			),
		]);
	const { photos } = content;
	if (photos === null || typeof photos !== "object" || Array.isArray(photos))
		return fail([broken(options, 'expected an object "photos"')]);
	const errors: DataDiagnostic[] = [];
	const splits = new Map<string, Split>();
	for (const [sha256, split] of Object.entries(photos)) {
		if (!/^[0-9a-f]{64}$/.test(sha256))
			errors.push(broken(options, `"${sha256}" is no sha256 of 64 hex digits`));
		else if (!isSplit(split))
			errors.push(
				broken(
					options,
					`photo ${sha256} has the split ${JSON.stringify(split)}, expected train, valid or test`,
				),
			);
		else splits.set(sha256, split);
	}
	for (const name of DRAWN_BY) {
		const now = options[name] ?? null;
		const then = content[name] ?? null;
		if (now !== then) errors.push(otherOptions(options, name, then, now));
	}
	return errors.length > 0 ? fail(errors) : ok(splits);
}

/**
 * Writes the split beside and renames, photos sorted by sha256.
 * @throws RunError "split-not-kept".
 */
export function writeSplitFile(
	options: SplitOptions,
	splits: ReadonlyMap<string, Split>,
): void {
	const { file, seed, valid, test, stratify, group_by = null } = options;
	const photos = Object.fromEntries(
		[...splits].sort(([a], [b]) => (a < b ? -1 : 1)),
	);
	const content = {
		format: FORMAT,
		seed,
		valid,
		test,
		stratify,
		group_by,
		photos,
	};
	try {
		writeWhole(file, `${JSON.stringify(content, null, "\t")}\n`);
	} catch (cause) {
		throw new RunError(
			"split-not-kept",
			`the drawn split cannot be written to ${file}: ${(cause as Error).message}`,
			{ fix: "set data.split.file to a place that can be written", cause },
		);
	}
}

function broken(options: SplitOptions, what: string): DataDiagnostic {
	return dataError(
		["data", "split", "file"],
		"bad-split-file",
		`${options.file} is no kept split: ${what}`,
		{ fix: "repair the file, or delete it to draw the split anew" },
	);
}

function otherOptions(
	options: SplitOptions,
	name: string,
	then: unknown,
	now: unknown,
): DataDiagnostic {
	return dataError(
		["data", "split", name],
		"split-file-differs",
		`the split kept in ${options.file} was drawn with ${name} ${JSON.stringify(then)}, not ${JSON.stringify(now)}`,
		{
			reason:
				"a kept split is used as it is, so the new value would do nothing",
			fix: "delete the file to draw anew, or name another in data.split.file",
		},
	);
}
