import { basename, dirname, extname, join, resolve } from "node:path";
import type { Json } from "../fingerprint.ts";
import { fillIn, provenanceOf } from "./fill-in.ts";
import { experimentSchema } from "./schema.ts";
import type { Experiment, Provenance, Transform } from "./types.ts";
import type { Place } from "./yaml/source.ts";
import type { MapTree } from "./yaml/tree.ts";

type Values = { [key: string]: Json };

/** An experiment with every shorthand written out and every default filled in, and where each value came from. */
export interface Resolved {
	readonly experiment: Experiment;
	readonly provenance: readonly Provenance[];
}

/**
 * The normal form of a tree that the schema allows.
 * @param file the experiment file, as the user named it; an experiment without a name is named after it
 */
export function resolveExperiment(tree: MapTree, file: string): Resolved {
	const places = new Map<string, Place | undefined>();
	const note = (path: readonly (string | number)[], at: Place | undefined) =>
		void places.set(dotted(path), at);
	const filled = fillIn(tree, experimentSchema, [], note) as Values;
	const { name, description, seed, data, transforms, model, train, tracking } =
		filled;
	const { evaluation, device } = filled;
	const gate = filled.gate as Values | undefined;
	const experiment = {
		name: name ?? nameAfter(file),
		...(description === undefined ? {} : { description }),
		seed,
		...(device === undefined ? {} : { device }),
		data: completeData(data as Values, tree),
		transforms: bothLists(transforms as Json),
		model,
		train: completeTrain(train as Values),
		...(evaluation === undefined ? {} : { evaluation }),
		...(gate === undefined
			? {}
			: { gate: { baseline: baselineFile(file), ...gate } }),
		...(tracking === undefined ? {} : { tracking }),
	};
	note(["name"], tree.entries.get("name")?.value.at);
	return {
		experiment: experiment as unknown as Experiment,
		provenance: provenance(experiment, places),
	};
}

/** Phases get names, and `epochs` is the sum of theirs. */
function completeTrain(train: Values): Json {
	if (!Array.isArray(train.phases)) return train;
	const phases = (train.phases as Values[]).map((phase, index) => ({
		name: `phase ${index + 1}`,
		...phase,
	}));
	const sum = phases.reduce(
		(total, phase) => total + Number((phase as Values).epochs),
		0,
	);
	const { loss, optimizer, learning_rate, schedule, ...rest } = train;
	const { epochs = sum, ...more } = rest;
	const before = { loss, optimizer, learning_rate, schedule } as Values;
	return { ...before, epochs, ...more, phases };
}

/** Where a file's baseline is kept unless it says otherwise: beside it. */
export function baselineFile(file: string): string {
	return join(dirname(resolve(file)), `${nameAfter(file)}.baseline.json`);
}

function nameAfter(file: string): string {
	return basename(file, extname(file));
}

/** `root` follows from the manifest, and the file of a drawn split from the file that asks for it. */
function completeData(data: Values, tree: MapTree): Json {
	const { root, ...rest } = data;
	const folder = root ?? dirname(data.manifest as string);
	const completed: Values = { root: folder, ...rest };
	if (data.split === undefined) return completed;
	const split = data.split as Values;
	return {
		...completed,
		split: { ...split, file: split.file ?? splitFile(tree, folder as string) },
	};
}

function splitFile(tree: MapTree, root: string): string {
	const section = tree.entries.get("data")?.value;
	const asking =
		section?.kind === "map" ? section.entries.get("split") : undefined;
	const source = asking?.key?.source;
	if (source === undefined || source.from === "set")
		return `${root}.split.json`;
	return join(source.folder, `${nameAfter(source.file)}.split.json`);
}

/** One list is both lists; `{ Resize: { … } }` becomes { name, params }. */
function bothLists(transforms: Json): Experiment["transforms"] {
	if (Array.isArray(transforms)) {
		const list = transforms.map(toTransform);
		return { train: list, eval: list };
	}
	const { train, eval: evaluation } = transforms as {
		train: Json[];
		eval: Json[];
	};
	return {
		train: train.map(toTransform),
		eval: evaluation.map(toTransform),
	};
}

function toTransform(written: Json): Transform {
	const [[name, given] = ["", {}]] = Object.entries(
		written as Record<string, Values>,
	);
	const { transforms, ...params } = given;
	return Array.isArray(transforms)
		? { name, params: { transforms: transforms.map(toTransform), ...params } }
		: { name, params };
}

/** Every value's place by its path in the normal form, in the order of the experiment. */
function provenance(
	experiment: object,
	places: ReadonlyMap<string, Place | undefined>,
): Provenance[] {
	const order = Object.keys(experiment);
	const sharesList = [...places.keys()].some((path) =>
		/^transforms\.\d/.test(path),
	);
	const found: Provenance[] = [];
	for (const key of order)
		for (const [path, at] of places) {
			if (path !== key && !path.startsWith(`${key}.`)) continue;
			if (key !== "transforms" || !sharesList)
				found.push(provenanceOf(path, at));
			else
				for (const list of ["train", "eval"])
					found.push(
						provenanceOf(path.replace("transforms", `transforms.${list}`), at),
					);
		}
	return found;
}

/** `train.optimizer.sgd`; a name with dots in it is quoted, as `--set` reads it. */
export function dotted(path: readonly (string | number)[]): string {
	return path
		.map((step) =>
			typeof step === "string" && /[.="']/.test(step) ? `"${step}"` : step,
		)
		.join(".");
}
