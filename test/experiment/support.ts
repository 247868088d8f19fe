import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { Diagnostic } from "../../src/diagnostic.ts";
import {
	type LoadedExperiment,
	loadExperiment,
} from "../../src/experiment/load.ts";

/** A folder that is gone after the tests of this process. */
export function temporaryFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), "graft-test-"));
	after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/** Writes files and loads the first of them. */
export function loadText(
	folder: string,
	files: string | Readonly<Record<string, string>>,
	sets: readonly string[] = [],
) {
	const named =
		typeof files === "string" ? { "experiment.yaml": files } : files;
	for (const [name, text] of Object.entries(named))
		writeFileSync(join(folder, name), text);
	const [first = ""] = Object.keys(named);
	return loadExperiment(join(folder, first), sets);
}

/** The errors and warnings of a text. */
export function faults(
	folder: string,
	files: string | Readonly<Record<string, string>>,
	sets: readonly string[] = [],
): readonly Diagnostic[] {
	const result = loadText(folder, files, sets);
	return result.ok ? result.warnings : result.diagnostics;
}

/** The loaded experiment; fails with the messages where there are errors. */
export function loaded(
	folder: string,
	files: string | Readonly<Record<string, string>>,
	sets: readonly string[] = [],
): LoadedExperiment {
	const result = loadText(folder, files, sets);
	if (result.ok) return result.value;
	throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
}
