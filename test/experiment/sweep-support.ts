import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic, Result } from "../../src/diagnostic.ts";
import { readExperiment } from "../../src/experiment/load-tree.ts";
import {
	type LoadedSweep,
	loadSweep,
} from "../../src/experiment/sweep/load-sweep.ts";

/** Everything but the sweep; its lines are 1 to 3, `sweep:` is line 4. */
export const HEAD = `data: { root: photos }
model: { backbone: efficientnet_lite0 }
train: { optimizer: sgd, learning_rate: 0.01, epochs: 3 }
`;

/** Loads a sweep whose section is given in YAML, indented or in braces. */
export function loadSection(
	folder: string,
	section: string,
	sets: readonly string[] = [],
	head = HEAD,
): Result<LoadedSweep> {
	const file = join(folder, "sweep.yaml");
	writeFileSync(file, `${head}sweep: ${section}\n`);
	const read = readExperiment(file, sets);
	return read.ok ? loadSweep(read.value) : read;
}

/** The trials' values; fails with the messages where there are errors. */
export function valuesOf(...given: Parameters<typeof loadSection>) {
	const result = loadSection(...given);
	if (result.ok) return result.value.trials.map(({ values }) => values);
	throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
}

/** Errors and warnings. */
export function sweepFaults(
	...given: Parameters<typeof loadSection>
): readonly Diagnostic[] {
	const result = loadSection(...given);
	return result.ok ? result.warnings : result.diagnostics;
}
