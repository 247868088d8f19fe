import type { Diagnostic } from "../../diagnostic.ts";
import type { Json } from "../../fingerprint.ts";
import type { Place } from "../yaml/source.ts";
import {
	type Entry,
	type MapTree,
	plainValue,
	type Tree,
} from "../yaml/tree.ts";
import type {
	Axes,
	Axis,
	AxisKey,
	Choice,
	Condition,
	Distribution,
	Section,
} from "./axes.ts";
import { axisKey, nestedKey } from "./axis-key.ts";
import { axisValue, axisValues } from "./axis-value.ts";
import {
	type DrawnSection,
	distributionOf,
	drawPoints,
	MOST_DIMENSIONS,
} from "./draw.ts";
import { fault } from "./fault.ts";
import { readMatch } from "./match.ts";
import { TPE_DEFAULTS } from "./tpe.ts";

/** More points than these are refused before they are drawn. */
const MOST_DRAWN = 10_000;

/**
 * The axes that a `sweep` section writes down, as far as they make sense; what the schema says of it is not said
 * again here.
 */
export function readAxes(
	tree: MapTree,
	at: Place | undefined,
): { readonly axes: Axes; readonly problems: readonly Diagnostic[] } {
	const problems: Diagnostic[] = [];
	const axes = readSections(tree, problems);
	const conditions = itemsOf(tree, "when").flatMap((item): Condition[] => {
		if (item.kind !== "map") return [];
		const match = item.entries.get("match");
		const read =
			match?.value.kind === "map"
				? readMatch(match.value, match.key, problems)
				: undefined;
		const own = readSections(item, problems);
		return read === undefined ? [] : [{ match: read, axes: own }];
	});
	const exclusions = itemsOf(tree, "exclude").flatMap((item) =>
		item.kind === "map" ? [readMatch(item, item.at, problems)] : [],
	);
	const seeds = tree.entries.get("seeds");
	const count = numberOf(seeds?.value);
	return {
		axes: {
			axes,
			conditions,
			exclusions,
			seeds: count !== undefined && count >= 1 ? Math.floor(count) : 1,
			seedsAt: seeds?.value.at ?? at,
			at,
		},
		problems,
	};
}

function itemsOf(tree: MapTree, key: string): readonly Tree[] {
	const value = tree.entries.get(key)?.value;
	return value?.kind === "list" ? value.items : [];
}

function readSections(tree: MapTree, problems: Diagnostic[]): readonly Axis[] {
	return [...tree.entries].flatMap(([name, entry]): readonly Axis[] => {
		const { value } = entry;
		if (name === "list" && value.kind === "list")
			return listAxis(value.items, problems);
		if (value.kind !== "map" || !isSection(name)) return [];
		if (name === "grid" || name === "zip") {
			const keys = valueLists(value, entry.key, problems);
			return name === "grid" ? gridAxes(keys) : zipAxis(keys, entry, problems);
		}
		return name === "list" ? [] : drawnAxis(name, value, problems);
	});
}

const SECTIONS: ReadonlySet<string> = new Set<Section>([
	"grid",
	"list",
	"zip",
	"random",
	"sobol",
	"halton",
	"tpe",
]);

function isSection(name: string): name is Section {
	return SECTIONS.has(name);
}

interface Values {
	readonly key: AxisKey;
	readonly choices: readonly Choice[];
}

/** Key → list of values: the form of a grid and of a zip. */
function valueLists(
	map: MapTree,
	at: Place | undefined,
	problems: Diagnostic[],
): readonly Values[] {
	if (map.entries.size === 0) problems.push(noKeys(at));
	return [...map.entries].flatMap(([text, entry]): Values[] => {
		const nested = nestedKey(text, entry);
		if (nested !== undefined) problems.push(nested);
		if (entry.value.kind !== "list") return [];
		const key = axisKey(text, entry.key, problems);
		if (key === undefined) return [];
		const values = axisValues(entry.value, problems);
		return [{ key, choices: values.map((value) => [{ key, value }]) }];
	});
}

function noKeys(at: Place | undefined): Diagnostic {
	return fault("axis-empty", at, {
		message: "this section of the sweep names no key",
		reason: "without a key there is nothing to vary",
		fix: "write for example train.learning_rate: [0.1, 0.01], or take the section away",
	});
}

function gridAxes(lists: readonly Values[]): readonly Axis[] {
	return lists
		.filter(({ choices }) => choices.length > 0)
		.map(({ key, choices }) => ({ section: "grid", keys: [key], choices }));
}

function zipAxis(
	lists: readonly Values[],
	entry: Entry,
	problems: Diagnostic[],
): readonly Axis[] {
	const [first] = lists;
	if (first === undefined) return [];
	const count = first.choices.length;
	const other = lists.find(({ choices }) => choices.length !== count);
	if (other !== undefined) {
		problems.push(
			fault("axis-lengths", other.key.at ?? entry.key, {
				message: `"${other.key.name}" has ${valuesOf(other.choices.length)}, but "${first.key.name}" has ${count}`,
				reason:
					"zip takes the first value of each list together, then the second of each",
				fix: "write as many values, or use grid to combine each with each",
			}),
		);
		return [];
	}
	const choices = Array.from({ length: count }, (_, index) =>
		lists.flatMap((list) => list.choices[index] ?? []),
	);
	return [{ section: "zip", keys: lists.map(({ key }) => key), choices }];
}

function valuesOf(count: number): string {
	return count === 1 ? "1 value" : `${count} values`;
}

function listAxis(
	items: readonly Tree[],
	problems: Diagnostic[],
): readonly Axis[] {
	const keys = new Map<string, AxisKey>();
	const choices = items.flatMap((item): Choice[] => {
		if (item.kind !== "map") return [];
		if (item.entries.size === 0) problems.push(noKeys(item.at));
		const choice = [...item.entries].flatMap(([text, { key: at, value }]) => {
			const key = axisKey(text, at, problems);
			if (key === undefined) return [];
			if (!keys.has(key.name)) keys.set(key.name, key);
			return [{ key, value: axisValue(value, problems) }];
		});
		return choice.length > 0 ? [choice] : [];
	});
	if (choices.length === 0) return [];
	return [{ section: "list", keys: [...keys.values()], choices }];
}

function drawnAxis(
	section: DrawnSection,
	map: MapTree,
	problems: Diagnostic[],
): readonly Axis[] {
	const space = map.entries.get("space");
	if (space?.value.kind !== "map") return [];
	if (space.value.entries.size === 0) problems.push(noKeys(space.key));
	const written: Record<string, Json> = {};
	const drawn = [...space.value.entries].flatMap(
		([text, { key: at, value }]): Distribution[] => {
			const key = axisKey(text, at, problems);
			if (key === undefined) return [];
			written[key.name] = plainValue(value);
			const distribution = distributionOf(key, value, at, problems);
			return distribution === undefined ? [] : [distribution];
		},
	);
	const isEven = section === "sobol" || section === "halton";
	if (isEven && drawn.length > MOST_DIMENSIONS) {
		problems.push(
			fault("axis-bounds", space.key, {
				message: `${section} draws ${drawn.length} keys, expected at most ${MOST_DIMENSIONS}`,
				reason:
					"with so many keys its points are no more even than random ones",
				fix: "use random",
			}),
		);
		return [];
	}
	const trials =
		section === "tpe"
			? startupOf(map)
			: numberOf(map.entries.get("trials")?.value);
	const seed = numberOf(map.entries.get("seed")?.value) ?? 0;
	if (drawn.length === 0 || trials === undefined) return [];
	if (trials < 1 || trials > MOST_DRAWN) return [];
	const most = Math.max(...drawn.map(({ ends }) => ends.length));
	const bounds = Array.from({ length: most }, (_, index) =>
		drawn.flatMap(({ key, ends }) =>
			ends[index] === undefined ? [] : [{ key, value: ends[index] }],
		),
	);
	const choices = drawPoints(section, Math.floor(trials), seed, drawn);
	return [
		{
			section,
			keys: drawn.map(({ key }) => key),
			choices,
			bounds: [...bounds, ...choices.slice(0, 1)],
			space: written,
			...(section === "tpe" && { distributions: drawn }),
		},
	];
}

/** How many points are drawn before results count. */
function startupOf(map: MapTree): number | undefined {
	const trials = numberOf(map.entries.get("trials")?.value);
	const startup =
		numberOf(map.entries.get("startup_trials")?.value) ??
		TPE_DEFAULTS.startup_trials;
	return trials === undefined ? undefined : Math.min(trials, startup);
}

function numberOf(tree: Tree | undefined): number | undefined {
	return tree?.kind === "scalar" && typeof tree.value === "number"
		? tree.value
		: undefined;
}
