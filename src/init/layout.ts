import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { nameSome } from "../data/diagnose.ts";
import { parseCsv } from "../data/listing/csv.ts";
import { rootError } from "../data/listing/folder-errors.ts";
import { findFolders, findPhotos } from "../data/listing/photo-files.ts";
import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import { count } from "../text.ts";

/**
 * How photos lie in a folder, and what `data` must say of it.
 *
 *   train/<class>/…, valid/<class>/…, perhaps test/<class>/…   as it is
 *   <class>/…                                                  splits are drawn
 *   photos and a CSV with path and label                       manifest
 */
export interface Layout {
	readonly kind: "splits" | "classes" | "manifest";
	/** Absolute. */
	readonly root: string;
	/** In the words of the file's `data`, but for root and manifest, which are absolute. */
	readonly data: LayoutData;
	/** Sentences on what was found and what follows from it. */
	readonly notes: readonly string[];
}

/** Keys of `data` that the layout decides. */
export interface LayoutData {
	readonly manifest?: string;
	readonly train?: string;
	readonly valid?: string;
	readonly test?: string;
	readonly split?: { readonly valid: number };
}

/** Share of the photos that is measured on where no split is given. */
const VALID_SHARE = 0.2;

const TRAIN = ["train", "training"];
const VALID = ["valid", "val", "validation", "dev", "eval"];
const TEST = ["test", "testing"];

/** @returns errors "no-such-folder", "not-a-folder", "no-photos", "init-no-labels", "one-class-only". */
export function findLayout(folder: string): Result<Layout> {
	const root = resolve(folder);
	const missing = rootError(root);
	if (missing !== undefined) {
		const { at: _, ...problem } = missing;
		return fail([
			{
				...problem,
				fix: problem.suggestion
					? (problem.fix ?? "")
					: "name the folder that the photos lie in",
			},
		]);
	}
	return layoutOf(root, []);
}

function layoutOf(root: string, notes: readonly string[]): Result<Layout> {
	const { names } = findFolders(root);
	const splits = bySplits(root, names, notes);
	if (splits !== undefined) return splits;
	const files = readdirSync(root, { withFileTypes: true });
	const loose = findPhotos(root).photos.filter((path) => !path.includes("/"));
	const classes = names.filter(
		(name) => findPhotos(join(root, name)).photos.length > 0,
	);
	const manifest = files
		.filter((one) => one.isFile() && /\.csv$/i.test(one.name))
		.map(({ name }) => join(root, name))
		.sort()
		.find(hasColumns);
	if (manifest !== undefined && (classes.length < 2 || loose.length > 0))
		return ok({ kind: "manifest", root, ...byManifest(manifest, notes) });
	if (classes.length >= 2) {
		const beside =
			loose.length > 0
				? [
						`${count(loose.length, "photo")} beside the class folders are in no class and are left out`,
					]
				: [];
		return ok({
			...{ kind: "classes", root, data: { split: { valid: VALID_SHARE } } },
			notes: [
				...notes,
				...beside,
				`one folder a class and no splits: a fifth of each class is drawn as valid, by seed and content, so that it stays the same`,
			],
		});
	}
	const [only] = classes;
	if (only !== undefined && loose.length === 0) {
		const inside = findFolders(join(root, only)).names.filter(
			(name) => findPhotos(join(root, only, name)).photos.length > 0,
		);
		if (inside.length > 1 || inside.some((name) => isSplitName(name)))
			return layoutOf(join(root, only), [
				...notes,
				`all photos lie in ${only}/: that is taken as the root`,
			]);
		return fail([oneClass(root, only)]);
	}
	return fail([loose.length > 0 ? noLabels(root, loose.length) : empty(root)]);
}

function isSplitName(name: string): boolean {
	return [...TRAIN, ...VALID, ...TEST].includes(name.toLowerCase());
}

function bySplits(
	root: string,
	names: readonly string[],
	notes: readonly string[],
): Result<Layout> | undefined {
	const named = (words: readonly string[]) =>
		words.flatMap((word) =>
			names.filter((name) => name.toLowerCase() === word),
		)[0];
	const [train, valid, test] = [named(TRAIN), named(VALID), named(TEST)];
	if (train === undefined) return undefined;
	if (valid === undefined) {
		const inside = layoutOf(join(root, train), [
			...notes,
			test === undefined
				? `only ${train}/ is there: valid is drawn from it`
				: `${test}/ is left alone, for it is to judge the end result, and there is no valid/: valid is drawn from ${train}/`,
		]);
		return inside;
	}
	const data = {
		...(train !== "train" && { train }),
		...(valid !== "valid" && { valid }),
		...(test !== undefined && { test }),
	};
	const held =
		test === undefined
			? []
			: [`${test}/ stays shut until graft finalize judges one run on it`];
	return ok({
		...{ kind: "splits" as const, root, data },
		notes: [...notes, ...held],
	});
}

/** A table with the columns path and label. */
function hasColumns(file: string): boolean {
	const header = headerOf(file);
	return header.includes("path") && header.includes("label");
}

function headerOf(file: string): readonly string[] {
	const [first = []] = parseCsv(readFileSync(file, "utf8")).rows;
	return first.map(({ text }) => text.trim());
}

function byManifest(
	manifest: string,
	notes: readonly string[],
): Pick<Layout, "data" | "notes"> {
	const hasSplit = headerOf(manifest).includes("split");
	return {
		data: { manifest, ...(!hasSplit && { split: { valid: VALID_SHARE } }) },
		notes: [
			...notes,
			hasSplit
				? "a CSV file names the class and the split of each photo"
				: "a CSV file names the class of each photo, and no split: a fifth of each class is drawn as valid",
		],
	};
}

function noLabels(root: string, photos: number): Diagnostic {
	const others = readdirSync(root).filter((name) => /\.csv$/i.test(name));
	return {
		severity: "error",
		code: "init-no-labels",
		message: `${count(photos, "photo")} lie in ${root}, and nothing says of which class they are`,
		reason:
			others.length > 0
				? `${nameSome(others)} has no columns "path" and "label": its header is ${nameSome(headerOf(join(root, others[0] as string)))}`
				: "a class is a folder of photos, or a word in the column label of a CSV file",
		fix:
			others.length > 0
				? "rename its columns to path and label; path is relative to this folder"
				: "put the photos of each class into a folder of their own, or write a CSV file with the header path,label beside them",
	};
}

function oneClass(root: string, name: string): Diagnostic {
	return {
		severity: "error",
		code: "one-class-only",
		message: `all photos of ${root} are of one class, "${name}"`,
		reason: "telling classes apart takes two of them",
		fix: "put photos of another class, or of none of it, into a second folder",
	};
}

function empty(root: string): Diagnostic {
	return {
		severity: "error",
		code: "no-photos",
		message: `there is no photo in ${root}`,
		reason: "photos are JPEG, PNG, WebP, GIF, TIFF, BMP and PNM files",
		fix: "name the folder that holds the class folders",
	};
}
