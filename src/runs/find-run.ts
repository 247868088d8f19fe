import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import { nearest } from "../experiment/suggest.ts";
import { JOURNAL_FILE } from "./journal.ts";
import { listRuns } from "./list-runs.ts";

/**
 * The folder of the run that a user means: an exact id, `latest`, a folder's path, or the beginning of
 * one id only. Trials of sweeps are found likewise, where no run or sweep of that name is there. Absolute.
 * Otherwise diagnostics "unknown-run", "ambiguous-run" or "no-runs".
 */
export function findRun(runsFolder: string, word: string): Result<string> {
	const root = resolve(runsFolder);
	// A shell completes the name of a folder with a slash.
	const run = word.replace(/[/\\]+$/, "");
	if (run !== "" && basename(run) === run && isRun(join(root, run)))
		return ok(join(root, run));
	if (isRun(resolve(run))) return ok(resolve(run));
	// The journal itself, as a shell completes it.
	if (basename(run) === JOURNAL_FILE && existsSync(run))
		return ok(dirname(resolve(run)));
	const ids = listRuns(root).map(({ runId }) => runId);
	if (ids.length === 0) return fail([noRuns(root)]);
	if (run === "latest") return ok(join(root, ids[0] as string));
	const matches = run === "" ? [] : ids.filter((id) => id.startsWith(run));
	if (matches.length === 1) return ok(join(root, matches[0] as string));
	if (matches.length === 0 && run !== "") {
		const trials = trialsLike(root, ids, run);
		if (trials.length === 1) return ok(trials[0] as string);
		if (trials.length > 1)
			return fail([
				ambiguous(
					run,
					trials.map((trial) => basename(trial)),
				),
			]);
	}
	return fail([
		matches.length > 1 ? ambiguous(run, matches) : unknown(run, ids, root),
	]);
}

/** Folders of trials, `<sweep>/trials/<run id>`: of exactly this name, else of names that begin so. */
function trialsLike(
	root: string,
	ids: readonly string[],
	run: string,
): readonly string[] {
	const trials = ids.flatMap((id) => {
		const folder = join(root, id, "trials");
		if (!existsSync(folder)) return [];
		return readdirSync(folder)
			.filter((name) => name.startsWith(run))
			.map((name) => join(folder, name));
	});
	const exact = trials.filter((trial) => basename(trial) === run);
	return exact.length > 0 ? exact : trials;
}

function isRun(folder: string): boolean {
	return existsSync(join(folder, JOURNAL_FILE));
}

function noRuns(root: string): Diagnostic {
	return {
		severity: "error",
		code: "no-runs",
		message: `there are no runs in ${root}`,
		fix: "start one with graft run FILE, or name another folder with --runs DIR",
	};
}

function ambiguous(run: string, matches: readonly string[]): Diagnostic {
	const shown = matches.slice(0, 8).join(", ");
	const more = matches.length > 8 ? ` and ${matches.length - 8} more` : "";
	return {
		severity: "error",
		code: "ambiguous-run",
		message: `"${run}" is the beginning of ${matches.length} runs`,
		reason: `these begin so: ${shown}${more}`,
		fix: "write more of the id, or latest",
	};
}

function unknown(
	run: string,
	ids: readonly string[],
	root: string,
): Diagnostic {
	const near = nearest(run, ids) ?? nearestByBeginning(run, ids);
	const otherwise = /\.ya?ml$/i.test(run)
		? `a run is meant, and this is a file: graft run ${run} makes one, then name it or write latest`
		: "graft ls lists the runs";
	return {
		severity: "error",
		code: "unknown-run",
		message: `there is no run "${run}" in ${root}`,
		reason:
			"a run is named by its id, the beginning of one id only, latest, or its folder",
		fix: near === undefined ? otherwise : `did you mean ${near}?`,
		...(near === undefined ? {} : { suggestion: near }),
	};
}

/** Ids end in hashes that nobody misspells: compares as much of each id as was typed. */
function nearestByBeginning(
	run: string,
	ids: readonly string[],
): string | undefined {
	// Of one or two letters anything is near.
	if (run.length < 3) return undefined;
	const beginnings = ids.map((id) => id.slice(0, run.length));
	const near = nearest(run, beginnings);
	return near === undefined ? undefined : ids[beginnings.indexOf(near)];
}
