import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import { nearest } from "../experiment/suggest.ts";
import { JOURNAL_FILE } from "../runs/journal.ts";
import { isSweep, readManifest } from "./folder.ts";
import { namesIn } from "./results.ts";

/**
 * The folder of the sweep that a user means: an id, the beginning of one id only, `latest`, or a folder. Absolute.
 * Otherwise the diagnostic "unknown-sweep".
 */
export function findSweep(runsFolder: string, word: string): Result<string> {
	const root = resolve(runsFolder);
	// A shell completes the name of a folder with a slash.
	const name = word.replace(/[/\\]+$/, "");
	if (basename(name) === name && isSweep(join(root, name)))
		return ok(join(root, name));
	if (isSweep(resolve(name))) return ok(resolve(name));
	const ids = namesIn(root).filter((id) => isSweep(join(root, id)));
	if (name === "latest" && ids.length > 0) return ok(latestOf(root, ids));
	const matches = ids.filter((id) => name !== "" && id.startsWith(name));
	const [only] = matches;
	if (only !== undefined && matches.length === 1) return ok(join(root, only));
	return fail([unknown(name, ids, matches, root)]);
}

function latestOf(root: string, ids: readonly string[]): string {
	const [latest] = ids
		.map((id) => join(root, id))
		.map((folder) => ({ folder, created: readManifest(folder).created }))
		.sort((a, b) => (a.created < b.created ? 1 : -1));
	return latest?.folder ?? root;
}

function unknown(
	word: string,
	ids: readonly string[],
	matches: readonly string[],
	root: string,
): Diagnostic {
	const base = { severity: "error", code: "unknown-sweep" } as const;
	if (isRun(join(root, word)) || isRun(resolve(word)))
		return {
			...base,
			message: `${basename(word)} is a run, and a sweep is meant`,
			...(ids.length > 0 && { reason: `these are sweeps: ${listed(ids)}` }),
			fix: `graft show ${basename(word)} and graft report ${basename(word)} look at one run`,
		};
	if (ids.length === 0)
		return {
			...base,
			message: `there are no sweeps in ${root}`,
			fix: "start one with graft run FILE, or name another folder with --runs DIR",
		};
	if (matches.length > 1)
		return {
			...base,
			message: `"${word}" is the beginning of ${matches.length} sweeps`,
			reason: `these begin so: ${matches.slice(0, 8).join(", ")}`,
			fix: "write more of the id, or latest",
		};
	const near = nearest(word, ids);
	return {
		...base,
		message: `there is no sweep "${word}" in ${root}`,
		reason: `these are there: ${listed(ids)}`,
		...(near === undefined
			? { fix: "name one of them, the beginning of one, or latest" }
			: { fix: `did you mean ${near}?`, suggestion: near }),
	};
}

function listed(ids: readonly string[]): string {
	return `${ids.slice(0, 8).join(", ")}${ids.length > 8 ? " …" : ""}`;
}

function isRun(folder: string): boolean {
	return existsSync(join(folder, JOURNAL_FILE));
}
