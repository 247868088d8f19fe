import { join, relative } from "node:path";
import { thumbnail } from "../data/thumbnail.ts";
import { EXIT } from "../diagnostic.ts";
import { runsFolder } from "../paths.ts";
import { findRun } from "../runs/find-run.ts";
import { encodeJson } from "../runs/json.ts";
import { readRun } from "../runs/record.ts";
import { buildReport, REPORT_FILE } from "../runs/report/build.ts";
import { isSweep } from "../sweep/folder.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { writeOut } from "./write-out.ts";

/** `graft report RUN`: the page of a run, made anew from its journal; of a sweep, its comparison. */
export async function report(
	word: string,
	options: Options,
	io: Io,
): Promise<number> {
	const found = findRun(runsFolder(options.runs), word);
	if (!found.ok) return sayDiagnostics(found.diagnostics, options.json, io);
	const folder = found.value;
	if (isSweep(folder))
		return (await import("./compare.ts")).compare(folder, options, io);
	const page = options.out ?? join(folder, REPORT_FILE);
	writeOut(page, await buildReport(readRun(folder), thumbnail));
	io.stdout(
		options.json
			? `${encodeJson({ page }, 2)}\n`
			: `report: ${relative(process.cwd(), page)}\n`,
	);
	return EXIT.ok;
}
