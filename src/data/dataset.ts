import { fail, ok, type Result, RunError } from "../diagnostic.ts";
import type { DataOptions } from "../experiment/types.ts";
import { fingerprint } from "../fingerprint.ts";
import { printable } from "../text.ts";
import { type DataDiagnostic, dataError } from "./diagnose.ts";
import { hashPhotos } from "./hashing/hash-photos.ts";
import { absentWarnings, contentWarnings } from "./listing/content-warnings.ts";
import { rootError } from "./listing/folder-errors.ts";
import { listClassFolders, listSplitFolders } from "./listing/image-folder.ts";
import { type ListedPhoto, type Listing, SPLITS } from "./listing/listing.ts";
import { listManifest } from "./listing/manifest.ts";
import { drawSplit } from "./split/split.ts";
import { readSplitFile, writeSplitFile } from "./split/split-file.ts";
import { shares } from "./split/split-units.ts";
import type { CorruptPhoto, Dataset, Sample, Split } from "./types.ts";

/**
 *   folders or manifest ─ list ─ hash ─ draw splits ─ sort ─ Dataset
 *                          └ peek ends here
 */

/** What a look at the folders tells; nothing was read or hashed. */
export interface DatasetPeek {
	readonly classNames: readonly string[];
	/** split → photos; where splits are yet to be drawn, what the shares come to. */
	readonly counts: Readonly<Record<string, number>>;
	/** Files listed, whatever their split. */
	readonly total: number;
}

/** Class names and counts without reading a photo. Mistakes carry `at`, the option they are about. */
export function peekDataset(options: DataOptions): Result<DatasetPeek> {
	const listed = list(options);
	if (!listed.ok) return listed;
	const { classNames, photos } = listed.value;
	const counts: Record<string, number> = {};
	const add = (split: Split, n: number) => {
		if (n > 0) counts[split] = (counts[split] ?? 0) + n;
	};
	if (options.split === undefined)
		for (const { split } of photos) add(split as Split, 1);
	else {
		const isMulti = options.multi_label !== undefined;
		const sizes =
			options.split.stratify && !isMulti
				? classNames.map((_, label) =>
						photos.reduce((n, photo) => n + (photo.label === label ? 1 : 0), 0),
					)
				: [photos.length];
		for (const size of sizes) {
			const [valid, test] = shares(options.split, size, size);
			add("train", size - valid - test);
			add("valid", valid);
			add("test", test);
		}
	}
	return ok({ classNames, counts, total: photos.length }, listed.warnings);
}

/**
 * All photos with their class, split and sha256, in dataset order. With `data.split` the draw is read from
 * its file, new photos are added to it, and the file is written if it changed. Mistakes carry `at`.
 * @throws RunError "photo-unreadable", "split-not-kept", "folder-unreadable".
 */
export async function scanDataset(
	options: DataOptions,
	env: { readonly cacheFolder: string },
): Promise<Result<Dataset>> {
	const listed = list(options);
	if (!listed.ok) return listed;
	const { classNames, photos } = listed.value;
	const hashed = await hashPhotos(
		options.root,
		photos.map(({ path }) => path),
		env.cacheFolder,
	);
	const splits = splitsOf(options, listed.value, hashed.sha256s);
	if (!splits.ok) return splits;
	const samples: Sample[] = photos.map(({ path, label, labels }, index) => ({
		path,
		sha256: hashed.sha256s[index],
		label,
		...(labels && { labels }),
		split: splits.value[index],
	}));
	// Stable, so that within a class of a split the listing's order stays.
	samples.sort(
		(a, b) =>
			SPLITS.indexOf(a.split) - SPLITS.indexOf(b.split) || a.label - b.label,
	);
	const warnings = [
		...listed.warnings,
		...hashed.warnings,
		...contentWarnings(samples, classNames),
		...absentWarnings(samples, classNames),
	];
	return ok(datasetOf(options.root, classNames, samples, []), warnings);
}

/** So many of the photos that a class has lost are named. */
const MOST_NAMED = 20;

/**
 * The dataset without photos that turned out corrupt.
 * @returns errors where a class of a split would be left without a photo.
 */
export function leaveOut(
	dataset: Dataset,
	corrupt: readonly CorruptPhoto[],
): Result<Dataset> {
	if (corrupt.length === 0) return ok(dataset);
	const gone = new Set(corrupt.map(({ path }) => path));
	const { root, classNames } = dataset;
	const samples = dataset.samples.filter(({ path }) => !gone.has(path));
	const placesOf = ({ split, label, labels }: Sample) =>
		(labels ?? [label]).map((one) => `${split}/${one}`);
	const places = (list: readonly Sample[]) => new Set(list.flatMap(placesOf));
	const left = places(samples);
	const placesByPath = new Map(
		dataset.samples.map((sample) => [sample.path, placesOf(sample)]),
	);
	const errors: DataDiagnostic[] = [...places(dataset.samples)]
		.filter((place) => !left.has(place))
		.map((place) => {
			const [split, label] = place.split("/");
			const lost = corrupt.filter(({ path }) =>
				placesByPath.get(path)?.includes(place),
			);
			const lines = lost
				.slice(0, MOST_NAMED)
				.map(
					({ path, reason }) => `\n  ${printable(path)}: ${printable(reason)}`,
				);
			if (lost.length > MOST_NAMED)
				lines.push(`\n  and ${lost.length - MOST_NAMED} more`);
			return dataError(
				["data", "on_corrupt"],
				"empty-class",
				`no photo of class "${classNames[Number(label)]}" in ${split} can be decoded:${lines.join("")}`,
				{ fix: `replace these photos in ${root}, or leave the class out` },
			);
		});
	if (errors.length > 0) return fail(errors);
	return ok(
		datasetOf(root, classNames, samples, [...dataset.corrupt, ...corrupt]),
	);
}

function datasetOf(
	root: string,
	classNames: readonly string[],
	samples: readonly Sample[],
	corrupt: readonly CorruptPhoto[],
): Dataset {
	const rows = samples.map(({ sha256, label, labels, split }) => [
		sha256,
		labels ?? label,
		split,
	]);
	return {
		root,
		classNames,
		samples,
		corrupt,
		fingerprint: fingerprint({ classNames, samples: rows }),
	};
}

function list(options: DataOptions): Result<Listing> {
	const error = rootError(options.root);
	if (error !== undefined) return fail([error]);
	try {
		if (options.manifest !== undefined) return listManifest(options);
		return options.split === undefined
			? listSplitFolders(options)
			: listClassFolders(options);
	} catch (cause) {
		const { code, message, path } = cause as NodeJS.ErrnoException;
		if (code === undefined || path === undefined) throw cause;
		throw new RunError(
			"folder-unreadable",
			`${path} cannot be read: ${message}`,
			{ fix: "check its permissions", cause },
		);
	}
}

/** The split of each listed photo. */
function splitsOf(
	options: DataOptions,
	{ classNames, photos }: Listing,
	sha256s: readonly string[],
): Result<readonly Split[]> {
	const given = (photo: ListedPhoto) => photo.split as Split;
	if (options.split === undefined) return ok(photos.map(given));
	const kept = readSplitFile(options.split);
	if (!kept.ok) return kept;
	const unsplit = photos.map(({ label, labels, group }, index) => ({
		sha256: sha256s[index],
		label,
		...(labels && { labels }),
		group,
	}));
	const drawn = drawSplit(options.split, classNames, unsplit, kept.value);
	if (!drawn.ok) return drawn;
	if ([...drawn.value.keys()].some((sha256) => !kept.value.has(sha256)))
		writeSplitFile(options.split, new Map([...kept.value, ...drawn.value]));
	return ok(sha256s.map((sha256) => drawn.value.get(sha256) as Split));
}
