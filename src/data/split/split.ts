import { fail, ok, type Result } from "../../diagnostic.ts";
import type { SplitOptions } from "../../experiment/types.ts";
import { type DataDiagnostic, dataError, nameSome } from "../diagnose.ts";
import { SPLITS } from "../listing/listing.ts";
import type { Split } from "../types.ts";
import { dealIteratively } from "./iterative.ts";
import { dealUnits, type SplitUnit } from "./split-units.ts";

/** A photo whose split is to be drawn. */
export interface UnsplitPhoto {
	readonly sha256: string;
	readonly label: number;
	/** With `data.multi_label`. */
	readonly labels?: readonly number[];
	/** Undefined where photos are not grouped. */
	readonly group: string | undefined;
}

/**
 * The split of every photo, by content: equal photos always share one, and so do photos of a group.
 * Photos that `kept` names stay where they are; the others are dealt by `dealUnits`, photos with several labels by
 * `dealIteratively`.
 * @returns errors where `kept` tears a group apart, or a class has too few photos for all splits.
 */
export function drawSplit(
	options: SplitOptions,
	classNames: readonly string[],
	photos: readonly UnsplitPhoto[],
	kept: ReadonlyMap<string, Split>,
): Result<ReadonlyMap<string, Split>> {
	const unitOf = unitNames(photos);
	const { units, errors } = gather(options, photos, unitOf, kept);
	if (errors.length > 0) return fail(errors);
	const isMulti = photos.some(({ labels }) => labels !== undefined);
	const dealt =
		isMulti && options.stratify
			? dealIteratively(options, units, classNames.length)
			: dealUnits(options, units);
	const splits = new Map<string, Split>();
	for (const { sha256 } of photos)
		splits.set(sha256, dealt.get(unitOf.get(sha256) as string) as Split);
	const absent = absentClasses(options, classNames, photos, splits);
	return absent.length > 0 ? fail(absent) : ok(splits);
}

/**
 * The unit of each content. A photo that lies in two groups ties them together, for it can be in
 * one split only: such groups take the name of the first.
 */
function unitNames(photos: readonly UnsplitPhoto[]): Map<string, string> {
	const parent = new Map<string, string>();
	const rootOf = (name: string): string => {
		let root = name;
		while (parent.has(root)) root = parent.get(root) as string;
		return root;
	};
	const first = new Map<string, string>();
	for (const { sha256, group } of photos) {
		const name = rootOf(group === undefined ? sha256 : `group ${group}`);
		const earlier = first.get(sha256);
		if (earlier === undefined) first.set(sha256, name);
		else if (rootOf(earlier) !== name) {
			const [low, high] = [rootOf(earlier), name].sort() as [string, string];
			parent.set(high, low);
		}
	}
	return new Map([...first].map(([sha256, name]) => [sha256, rootOf(name)]));
}

function gather(
	options: SplitOptions,
	photos: readonly UnsplitPhoto[],
	unitOf: ReadonlyMap<string, string>,
	kept: ReadonlyMap<string, Split>,
): { units: readonly SplitUnit[]; errors: DataDiagnostic[] } {
	const members = new Map<string, UnsplitPhoto[]>();
	for (const photo of photos) {
		const name = unitOf.get(photo.sha256) as string;
		const unit = members.get(name);
		if (unit) unit.push(photo);
		else members.set(name, [photo]);
	}
	const errors: DataDiagnostic[] = [];
	const units = [...members].map(([name, list]) => {
		const before = new Set(
			list.flatMap(({ sha256 }) => kept.get(sha256) ?? []),
		);
		if (before.size > 1)
			errors.push(
				dataError(
					["data", "split", "file"],
					"group-torn",
					`${name} lies in ${nameSome(before)} in ${options.file}`,
					{
						reason: "photos of one group stay in one split",
						fix: "put all its photos into one split, or delete the file to draw anew",
					},
				),
			);
		return {
			name,
			label: mostFrequent(list.map(({ label }) => label)),
			...(list[0]?.labels && { labels: labelCounts(list) }),
			size: list.length,
			kept: [...before][0],
		};
	});
	return { units, errors };
}

function labelCounts(
	photos: readonly UnsplitPhoto[],
): ReadonlyMap<number, number> {
	const counts = new Map<number, number>();
	for (const { labels = [] } of photos)
		for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
	return counts;
}

function mostFrequent(labels: readonly number[]): number {
	const counts = new Map<number, number>();
	for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
	return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0][0];
}

function absentClasses(
	options: SplitOptions,
	classNames: readonly string[],
	photos: readonly UnsplitPhoto[],
	splits: ReadonlyMap<string, Split>,
): DataDiagnostic[] {
	// Of several labels only what is trained on must be whole: elsewhere a warning says what cannot be measured.
	const isMulti = photos.some(({ labels }) => labels !== undefined);
	const wanted = SPLITS.filter(
		(split) => split === "train" || (!isMulti && options[split] > 0),
	);
	return wanted.flatMap((split) => {
		const here = new Set(
			photos
				.filter(({ sha256 }) => splits.get(sha256) === split)
				.flatMap(({ label, labels }) => labels ?? [label]),
		);
		return classNames
			.filter((_, label) => !here.has(label))
			.map((name) =>
				dataError(
					["data", "split"],
					"class-missing-in-split",
					`no photo of class "${name}" was drawn for ${split}`,
					{
						reason: options.stratify
							? "the class has too few different photos (or groups) for all splits"
							: "without stratify the draw does not look at classes",
						fix: options.stratify
							? "add photos of the class, or leave the class out"
							: "set data.split.stratify: true",
					},
				),
			);
	});
}
