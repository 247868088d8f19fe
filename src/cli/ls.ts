import { type Diagnostic, EXIT } from "../diagnostic.ts";
import { nearest } from "../experiment/suggest.ts";
import { encodeJson } from "../runs/json.ts";
import { listRuns } from "../runs/list-runs.ts";
import {
	runsTable,
	SORT_NAMES,
	sortRuns,
	summaryJson,
} from "../runs/ls-text.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";

/** What `graft ls` was asked. */
export interface LsArguments {
	/** The runs folder, absolute. */
	readonly runs: string;
	readonly format: "text" | "json";
	/** How many runs to list; all by default. */
	readonly limit?: number;
	/** One of SORT_NAMES; `when` by default. */
	readonly sort?: string;
}

/**
 * Lists runs on stdout; says on stderr what was left out, or that there are none.
 * @throws RunError "runs-folder"
 */
export async function ls(args: LsArguments, io: Io): Promise<number> {
	const { runs, format, limit, sort = "when" } = args;
	if (!SORT_NAMES.includes(sort)) return unknownSort(sort, format, io);
	const all = sortRuns(listRuns(runs), sort);
	const shown = all.slice(0, limit ?? all.length);
	if (format === "json")
		io.stdout(`${encodeJson(shown.map(summaryJson), 2)}\n`);
	else if (shown.length > 0) io.stdout(runsTable(shown, io));
	if (all.length === 0)
		io.stderr(
			`no runs in ${runs}\n  fix: start one with graft run FILE, or name another folder with --runs DIR or GRAFT_RUNS\n`,
		);
	else if (shown.length < all.length)
		io.stderr(`${shown.length} of ${all.length} runs\n`);
	return EXIT.ok;
}

function unknownSort(sort: string, format: "text" | "json", io: Io): number {
	const suggestion = nearest(sort, SORT_NAMES);
	const diagnostic: Diagnostic = {
		severity: "error",
		code: "bad-value",
		message: `--sort is "${sort}", which is no column`,
		reason: `runs are sorted by ${SORT_NAMES.join(", ")}`,
		...(suggestion === undefined
			? {}
			: { fix: `did you mean ${suggestion}?`, suggestion }),
	};
	return sayDiagnostics([diagnostic], format === "json", io);
}
