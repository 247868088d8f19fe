import type { Json } from "../../fingerprint.ts";
import { fillIn } from "../fill-in.ts";
import { experimentSchema, type Schema } from "../schema.ts";
import type { Objective, SweepOptions } from "../types.ts";
import type { MapTree } from "../yaml/tree.ts";
import { AXIS_SECTIONS, writtenSection } from "./written.ts";

/** The schema of a `sweep` section. */
export const sweepSchema = experimentSchema.properties?.sweep as Schema;

/** The normal form of a section that the schema allows: shorthands written out, defaults filled in. */
export function resolveSweep(tree: MapTree): SweepOptions {
	const entries = [...tree.entries];
	const rest = new Map(entries.filter(([key]) => !AXIS_SECTIONS.has(key)));
	const filled = fillIn(
		{ ...tree, entries: rest },
		sweepSchema,
		[],
		() => {},
	) as {
		[key: string]: Json;
	};
	const written = Object.fromEntries(
		entries
			.filter(([key]) => AXIS_SECTIONS.has(key))
			.map(([key, { value }]) => [key, writtenSection(key, value)]),
	);
	const objective = filled.objective as unknown as Partial<Objective>;
	const { metric = "valid/accuracy" } = objective;
	return {
		...written,
		...filled,
		objective: { metric, mode: objective.mode ?? modeOf(metric) },
		launcher: withTexts(filled.launcher as Json),
	} as unknown as SweepOptions;
}

/** Of losses and errors the least is best. */
function modeOf(metric: string): Objective["mode"] {
	return /loss|error|ece|brier|nll/i.test(metric) ? "min" : "max";
}

/** sbatch takes texts: minutes and megabytes may be numbers in a file. */
function withTexts(launcher: Json): Json {
	const { slurm } = launcher as { slurm?: { [key: string]: Json } };
	if (slurm === undefined) return launcher;
	const texts = Object.fromEntries(
		Object.entries(slurm).map(([key, value]) => [
			key,
			key === "time" || key === "mem" ? String(value) : value,
		]),
	);
	return { slurm: texts };
}
