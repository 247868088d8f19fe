import { join } from "node:path";
import { fail, ok, type Result } from "../../diagnostic.ts";
import type { DataOptions } from "../../experiment/types.ts";
import { type DataDiagnostic, dataError, nameSome } from "../diagnose.ts";
import type { Split } from "../types.ts";
import { compareClasses } from "./class-rules.ts";
import {
	hiddenWarnings,
	noPhotos,
	splitFolderMissing,
	unreadableError,
} from "./folder-errors.ts";
import { groupOf } from "./group.ts";
import {
	type ClassTree,
	type ListedPhoto,
	type Listing,
	splitNames,
} from "./listing.ts";
import { findFolders, findPhotos, isFolder } from "./photo-files.ts";

/**
 * The two layouts of torchvision's ImageFolder:
 *
 *   <root>/<train>/<class>/…photos      one folder a split
 *   <root>/<class>/…photos              with `data.split`, which draws the splits
 */

/** Lists `<root>/<split>/<class>/**`. All mistakes are reported at once. */
export function listSplitFolders(options: DataOptions): Result<Listing> {
	const { root } = options;
	const errors: DataDiagnostic[] = [];
	const trees: ClassTree[] = [];
	for (const [split, name] of splitNames(options)) {
		const folder = join(root, name);
		if (isFolder(folder)) trees.push(readClasses(root, name, split));
		else errors.push(splitFolderMissing(options, split));
	}
	if (errors.length > 0) return fail(errors);
	return checked(root, trees);
}

/** Lists `<root>/<class>/**`, splits still to be drawn. */
export function listClassFolders(options: DataOptions): Result<Listing> {
	const { root } = options;
	const tree = readClasses(root, "", undefined);
	const splitLike = tree.classes.map(({ name }) => name);
	if (
		splitLike.length > 0 &&
		splitLike.every((name) => SPLIT_WORDS.has(name.toLowerCase()))
	) {
		return fail([
			dataError(
				["data", "split"],
				"split-of-splits",
				`data.split draws the splits of <class> folders, but ${root} holds ${nameSome(splitLike)}`,
				{
					reason: "the folders of splits would become classes",
					fix: "remove data.split to use the folders as they are, or let data.root point at one of them",
				},
			),
		]);
	}
	const listing = checked(root, [tree]);
	if (!listing.ok) return listing;
	const grouped = groupOf(options, listing.value.photos);
	return grouped.ok
		? ok({ ...listing.value, photos: grouped.value }, listing.warnings)
		: grouped;
}

const SPLIT_WORDS = new Set([
	"train",
	"training",
	"valid",
	"val",
	"validation",
	"dev",
	"eval",
	"test",
	"testing",
]);

function readClasses(
	root: string,
	name: string,
	split: Split | undefined,
): ClassTree {
	const folder = join(root, name);
	const { names, hidden } = findFolders(folder);
	const prefix = name === "" ? "" : `${name.replaceAll("\\", "/")}/`;
	const classes = names.map((className) => {
		const found = findPhotos(join(folder, className));
		const under = (paths: readonly string[]) =>
			paths.map((path) => `${prefix}${className}/${path}`);
		return {
			name: className,
			found: {
				photos: under(found.photos),
				others: under(found.others),
				hidden: under(found.hidden),
				unreadable: under(found.unreadable),
			},
		};
	});
	return {
		split,
		at: split === undefined ? ["data", "root"] : ["data", split],
		folder,
		classes,
		hidden: hidden.map((one) => `${prefix}${one}`),
	};
}

function checked(root: string, trees: readonly ClassTree[]): Result<Listing> {
	const errors = trees.flatMap((tree) => {
		const empty = noPhotos(tree);
		return empty === undefined ? [] : [empty];
	});
	if (errors.length === 0) errors.push(...compareClasses(trees));
	const unreadable = trees.flatMap(({ classes }) =>
		classes.flatMap(({ found }) => found.unreadable),
	);
	if (unreadable.length > 0) errors.push(unreadableError(root, unreadable));
	if (errors.length > 0) return fail(errors);
	const classNames = trees[0].classes.map(({ name }) => name);
	const photos: ListedPhoto[] = trees.flatMap(({ split, classes }) =>
		classes.flatMap(({ found }, label) =>
			found.photos.map((path) => ({ path, label, split, group: undefined })),
		),
	);
	const hidden = trees.flatMap((tree) => [
		...tree.hidden,
		...tree.classes.flatMap(({ found }) => found.hidden),
	]);
	const warnings = hiddenWarnings(root, hidden);
	return ok({ root, classNames, photos, warnings }, warnings);
}
