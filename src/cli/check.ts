import { type Diagnostic, EXIT } from "../diagnostic.ts";
import { printDiagnostics, toJson } from "../diagnostic-print.ts";
import { isSweep } from "../experiment/load.ts";
import { cacheFolder } from "../paths.ts";
import { prepare } from "../prepare.ts";
import type { Options } from "./arguments.ts";
import type { Io } from "./io.ts";

/** `graft check FILE…`: every mistake of every file and of every trial of a sweep, sorted by place; exit code 2 when any is an error. */
export async function check(
	files: readonly string[],
	options: Options,
	io: Io,
): Promise<number> {
	const found: Diagnostic[] = [];
	for (const file of files) {
		const look = {
			sets: options.sets,
			cacheFolder: cacheFolder(options.cache),
			hash: false,
			missing: "warning",
		} as const;
		const prepared = isSweep(file, options.sets)
			? await (await import("../sweep/prepare-sweep.ts")).prepareSweep(
					file,
					look,
				)
			: await prepare(file, look);
		found.push(...(prepared.ok ? prepared.warnings : prepared.diagnostics));
	}
	const hasErrors = found.some(({ severity }) => severity === "error");
	if (options.json)
		io.stdout(`${JSON.stringify(found.map(toJson), null, 2)}\n`);
	else {
		if (found.length > 0) io.stderr(printDiagnostics(found, io));
		if (!hasErrors)
			io.stdout(
				`${files.length === 1 ? "the file is" : `all ${files.length} files are`} valid\n`,
			);
	}
	return hasErrors ? EXIT.badInput : EXIT.ok;
}
