import { dirname } from "node:path";
import { type Diagnostic, RunError } from "../diagnostic.ts";
import { printDiagnostics } from "../diagnostic-print.ts";
import { cacheFolder } from "../paths.ts";
import { sharing } from "../prepare.ts";
import { readManifest } from "../sweep/folder.ts";
import {
	type PreparedSweep,
	type PrepareSweepOptions,
	prepareSweep,
} from "../sweep/prepare-sweep.ts";
import { beginSweep } from "../sweep/run-sweep.ts";
import { askRound } from "../sweep/tpe/ask.ts";
import { downloadLine } from "./download-line.ts";

/** How a sweep by TPE goes on when all that was asked for is done. */
export interface Asking {
	readonly nextRound: () => Promise<boolean>;
}

/**
 *   results ─ round noted ─ its trials prepared and checked like any other ─ sweep.json and trials.jsonl written anew
 *
 * Nothing for sweeps that have all their trials from the beginning.
 */
export function openAsking(
	folder: string,
	sweep: PreparedSweep,
	how: PrepareSweepOptions,
): Asking | Record<string, never> {
	if (sweep.tpe === undefined) return {};
	const { file } = sweep.loaded;
	let now = sweep;
	return {
		nextRound: async () => {
			if (!askRound(folder, now)) return false;
			const prepared = await prepareSweep(file, how);
			if (!prepared.ok) throw refused(file, prepared.diagnostics);
			now = prepared.value;
			const { sets } = how;
			const { argv, cacheFolder } = readManifest(folder);
			const runsFolder = dirname(folder);
			beginSweep(now, { runsFolder, cacheFolder, argv, sets, isRound: true });
			return true;
		},
	};
}

/**
 * Of a sweep by TPE that is resumed: its file is read again, for what is asked for next is made from it.
 * @throws RunError "sweep-changed" where the file is another sweep by now
 */
export async function askingAgain(
	folder: string,
	cache: string | undefined,
): Promise<
	| Asking
	| Record<string, never>
	| { readonly diagnostics: readonly Diagnostic[] }
> {
	const { file, tpe } = readManifest(folder);
	const how: PrepareSweepOptions = {
		sets: tpe?.sets ?? [],
		cacheFolder: cacheFolder(cache),
		hash: true,
		missing: "error",
		runs: dirname(folder),
		shared: sharing(),
		fetching: downloadLine(process.stderr),
	};
	const prepared = await prepareSweep(file, how);
	if (!prepared.ok) return { diagnostics: prepared.diagnostics };
	if (prepared.value.tpe?.key !== tpe?.key)
		throw new RunError(
			"sweep-changed",
			`${file} is another sweep than the one that was started`,
			{
				fix: `graft run ${file} starts what it says now; finished trials are kept`,
			},
		);
	return openAsking(folder, prepared.value, how);
}

/** What no bound and no first point had: a mistake between two values of a point. */
function refused(file: string, diagnostics: readonly Diagnostic[]): RunError {
	const words = printDiagnostics(diagnostics, {
		color: false,
		width: 100,
	}).trimEnd();
	return new RunError(
		"round-refused",
		`a point that tpe asked for is no experiment:\n${words}`,
		{
			fix: `narrow the space in ${file}, so that any of its values go together`,
		},
	);
}
