import { printDiagnostics } from "../diagnostic-print.ts";
import { cacheFolder } from "../paths.ts";
import { type Prepared, prepare } from "../prepare.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import { downloadLine } from "./download-line.ts";
import type { Io } from "./io.ts";

/**
 * The file's plan, its photos hashed, its warnings said; or the exit code of bad input, its errors said.
 * @param missing whether photos and weights that are not there yet are errors.
 */
export async function preparedOrExit(
	file: string,
	options: Options,
	io: Io,
	missing: "error" | "warning" = "error",
): Promise<Prepared | number> {
	const prepared = await prepare(file, {
		sets: options.sets,
		cacheFolder: cacheFolder(options.cache),
		hash: true,
		missing,
		fetching: downloadLine(process.stderr),
	});
	if (!prepared.ok)
		return sayDiagnostics(prepared.diagnostics, options.json, io);
	if (prepared.warnings.length > 0)
		io.stderr(printDiagnostics(prepared.warnings, io));
	return prepared.value;
}
