import { type Diagnostic, fail, ok, type Result } from "../../diagnostic.ts";
import type { Json } from "../../fingerprint.ts";
import {
	type LoadedExperiment,
	loadTree,
	type ReadExperiment,
	sorted,
	treeFaults,
} from "../load-tree.ts";
import type { MapTree } from "../yaml/tree.ts";
import type { Axes, Choice } from "./axes.ts";
import { type CheckedSweep, checkSweep } from "./check-sweep.ts";
import { gatherFaults } from "./gather.ts";
import { resolveSweep } from "./options.ts";
import { overlay } from "./overlay.ts";
import { expandPoints } from "./points.ts";
import { type ShownValues, withAsked } from "./tpe.ts";

/** One trial of a file, resolved and free of mistakes. */
export interface LoadedTrial {
	/** Swept keys → values as tables show them, in the axes' order. */
	readonly values: Readonly<Record<string, Json>>;
	/** `locate` leads into the axes. */
	readonly loaded: LoadedExperiment;
}

/** A sweep whose trials are all right, as far as neither photos nor network are needed to tell. */
export interface LoadedSweep {
	/** The file's own values; where they are no experiment without the axes, those of the first trial. */
	readonly base: LoadedExperiment;
	readonly axes: Axes;
	readonly trials: readonly LoadedTrial[];
}

/**
 *   file ─ section and values one by one ─ points ─ laid over the file ─ schema, normal form, rules ─ LoadedTrials
 *          └ all mistakes at once ──────┘          └ of every trial, each mistake once ────────────┘
 *
 * @param asked of a sweep by TPE, the points that were asked for after its first ones
 */
export function loadSweep(
	read: ReadExperiment,
	asked: readonly ShownValues[] = [],
): Result<LoadedSweep> {
	if (read.sweep === undefined) throw new Error("internal: no sweep");
	const checked = checkSweep(read, read.sweep);
	if (!checked.ok) return checked;
	const axes = withAsked(checked.value.axes, asked);
	const points = expandPoints(axes, seedOf(read.tree));
	if (!points.ok) return fail(sorted(points.diagnostics, read.file));
	const tried = points.value.map((point) => loadPoint(read, point));
	const found = sorted(
		gatherFaults(
			tried.map((result, index) => ({
				values: valuesOf(points.value[index] as Choice),
				diagnostics: result.ok ? result.warnings : result.diagnostics,
			})),
		),
		read.file,
	);
	if (found.some(({ severity }) => severity === "error")) return fail(found);
	const trials = tried.flatMap((result, index) =>
		result.ok
			? [
					{
						values: valuesOf(points.value[index] as Choice),
						loaded: result.value,
					},
				]
			: [],
	);
	const own = loadTree(checked.value.tree, read.file);
	const base = own.ok ? own.value : (trials[0] as LoadedTrial).loaded;
	return ok({ base: withSweep(base, checked.value), axes, trials }, found);
}

/** The file's own experiment with its `sweep` section, for verbs that are about one run. */
export function loadBase(read: ReadExperiment): Result<LoadedExperiment> {
	if (read.sweep === undefined) throw new Error("internal: no sweep");
	const checked = checkSweep(read, read.sweep);
	if (!checked.ok) return checked;
	const base = loadTree(checked.value.tree, read.file);
	if (!base.ok) return base;
	return ok(withSweep(base.value, checked.value), base.warnings);
}

function withSweep(
	loaded: LoadedExperiment,
	{ section }: CheckedSweep,
): LoadedExperiment {
	const sweep = resolveSweep(section);
	return { ...loaded, experiment: { ...loaded.experiment, sweep } };
}

function loadPoint(
	read: ReadExperiment,
	point: Choice,
): Result<LoadedExperiment> {
	const { tree, problems } = overlay(read.tree, point);
	const faults: readonly Diagnostic[] = [
		...problems,
		...treeFaults(tree, read),
	];
	if (faults.length > 0) return fail(faults);
	const loaded = loadTree(tree, read.file);
	return loaded.ok && loaded.value.strategy === "auto"
		? fail([undecided(loaded.value)])
		: loaded;
}

function undecided({ locate }: LoadedExperiment): Diagnostic {
	return {
		severity: "error",
		code: "strategy-auto-sweep",
		...locate(["strategy"]),
		message: "strategy is auto, but a sweep has many experiments to decide for",
		reason: "auto is measured by graft run of one experiment",
		fix: "write sweep: { grid: { strategy: [linear_probe, early_layer_svm] } } to compare them, or name one",
	};
}

function valuesOf(point: Choice): Readonly<Record<string, Json>> {
	return Object.fromEntries(
		point.map(({ key, value }) => [key.name, value.shown]),
	);
}

/** The seed that repeated runs count from. */
function seedOf(tree: MapTree): number {
	const seed = tree.entries.get("seed")?.value;
	return seed?.kind === "scalar" && typeof seed.value === "number"
		? seed.value
		: 0;
}
