import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { scanDataset } from "../../../src/data/dataset.ts";
import type { DataDiagnostic } from "../../../src/data/diagnose.ts";
import type { Dataset } from "../../../src/data/types.ts";
import type { Result } from "../../../src/diagnostic.ts";
import type {
	DataOptions,
	SplitOptions,
} from "../../../src/experiment/types.ts";

/** A folder of its own for a test, gone afterwards. */
export function scratch(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), "graft-test-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/** Writes files, each with a content of its own unless `content` gives it. */
export function files(
	root: string,
	paths: readonly string[],
	content: (path: string) => string | Uint8Array = (path) => `photo ${path}`,
): void {
	for (const path of paths) {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), content(path));
	}
}

/** The options that an experiment with nothing but `data.root` resolves to. */
export function optionsOf(
	root: string,
	more: Partial<DataOptions> = {},
): DataOptions {
	const names = { train: "train", valid: "valid" };
	return { root, ...names, on_corrupt: "fail", exif: "apply", ...more };
}

/** `data.split` with its defaults. */
export function splitOf(
	file: string,
	more: Partial<SplitOptions> = {},
): SplitOptions {
	return { valid: 0.2, test: 0, seed: 0, stratify: true, file, ...more };
}

/** The dataset, or a failed test with what was said. */
export async function scan(
	options: DataOptions,
	cacheFolder: string,
): Promise<{ dataset: Dataset; warnings: readonly string[] }> {
	const result = await scanDataset(options, { cacheFolder });
	if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 2));
	return {
		dataset: result.value,
		warnings: result.warnings.map(({ code }) => code),
	};
}

/** The errors of a result that must have failed. */
export function errorsOf(result: Result<unknown>): readonly DataDiagnostic[] {
	if (result.ok) throw new Error("no error was found");
	return result.diagnostics as readonly DataDiagnostic[];
}
