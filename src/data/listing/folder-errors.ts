import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import type { DataOptions } from "../../experiment/types.ts";
import { count } from "../../text.ts";
import {
	type DataDiagnostic,
	dataError,
	dataWarning,
	nameSome,
} from "../diagnose.ts";
import type { Split } from "../types.ts";
import type { ClassTree } from "./listing.ts";
import { nearest } from "./nearest.ts";
import { findFolders, isFolder, PHOTO_ENDINGS } from "./photo-files.ts";

/** What is said about folders that are not there, or not what they should be. */

/** Names under which splits go elsewhere. */
const OTHER_NAMES: Record<Split, readonly string[]> = {
	train: ["train", "training", "Train"],
	valid: ["valid", "val", "validation", "dev", "eval", "test"],
	test: ["test", "testing", "eval"],
};

/** An error if data.root is no folder. */
export function rootError(root: string): DataDiagnostic | undefined {
	if (isFolder(root)) return undefined;
	if (existsSync(root))
		return dataError(["data", "root"], "not-a-folder", `${root} is a file`, {
			reason: "data.root is the folder that the photos lie in",
			fix: root.toLowerCase().endsWith(".csv")
				? "give a CSV file as data.manifest, and its photos' folder as data.root"
				: "name the folder",
		});
	let parent = dirname(root);
	while (!isFolder(parent)) parent = dirname(parent);
	const missing = root.slice(parent.length).split(/[\\/]/).filter(Boolean)[0];
	const { names } = findFolders(parent);
	const near = nearest(missing, names);
	return dataError(
		["data", "root"],
		"no-such-folder",
		`there is no folder ${root}`,
		{
			reason:
				names.length === 0
					? `${parent} holds no folders`
					: `${parent} holds ${nameSome(names)}`,
			fix:
				near === undefined
					? "a relative data.root counts from the experiment file's folder"
					: `did you mean ${join(parent, near)}?`,
			...(near !== undefined && { suggestion: near }),
		},
	);
}

/** The folder of a split is not there. */
export function splitFolderMissing(
	options: DataOptions,
	split: Split,
): DataDiagnostic {
	const { root } = options;
	const name = options[split] as string;
	const { names } = findFolders(root);
	const taken = [options.train, options.valid, options.test];
	const free = names.filter((other) => !taken.includes(other));
	const near =
		OTHER_NAMES[split].find((other) => free.includes(other)) ??
		nearest(name, free);
	const flat = !names.includes(options.train) && near === undefined;
	return dataError(
		["data", split],
		"split-folder-missing",
		`there is no folder ${join(root, name)} with the ${split} photos`,
		{
			reason:
				names.length === 0
					? `${root} holds no folders`
					: `${root} holds ${nameSome(names)}`,
			fix:
				near !== undefined
					? `say data.${split}: ${near}`
					: flat && names.length > 1
						? `if these folders are the classes, let Graft draw the splits: data.split: { valid: 0.2 }`
						: `expected ${name}/<class>/*.jpg, or data.split to draw the splits`,
			...(near !== undefined && { suggestion: near }),
		},
	);
}

/** An error if no class folder holds a photo. */
export function noPhotos(tree: ClassTree): DataDiagnostic | undefined {
	const { classes, folder, at } = tree;
	if (classes.some(({ found }) => found.photos.length > 0)) return undefined;
	const others = classes.flatMap(({ found }) => found.others);
	const loose = readdirSync(folder, { withFileTypes: true })
		.filter((entry) => entry.isFile() && !entry.name.startsWith("."))
		.map((entry) => entry.name);
	const looseOnly = classes.length === 0 && loose.length > 0;
	return dataError(at, "no-photos", `there is no photo in ${folder}`, {
		reason: looseOnly
			? `it holds ${endings(loose)}, but no folders of classes`
			: others.length > 0
				? `its ${count(classes.length, "class folder")} hold ${endings(others)}`
				: classes.length > 0
					? `its ${count(classes.length, "class folder")} hold no files`
					: "it is empty",
		fix: `expected <class>/*.jpg; photos end in ${[...PHOTO_ENDINGS].join(" ")}`,
	});
}

/** Hidden things were left out that torchvision would take. */
export function hiddenWarnings(
	root: string,
	hidden: readonly string[],
): readonly DataDiagnostic[] {
	if (hidden.length === 0) return [];
	return [
		dataWarning(
			["data", "root"],
			"hidden-left-out",
			`hidden files or folders under ${root} are left out: ${nameSome(hidden)}`,
			{
				reason:
					"torchvision's ImageFolder takes hidden folders as classes and hidden photos as photos",
				fix: "delete them if they are not wanted",
			},
		),
	];
}

/** Files that cannot be opened. */
export function unreadableError(
	root: string,
	unreadable: readonly string[],
): DataDiagnostic {
	return dataError(
		["data", "root"],
		"photo-unreadable",
		`${count(unreadable.length, "file")} under ${root} cannot be opened: ${nameSome(unreadable)}`,
		{
			reason: "links to nothing, or names that are not UTF-8",
			fix: "repair or remove the links, rename the files",
		},
	);
}

/** `3 .heic files and 1 .txt file`. */
function endings(files: readonly string[]): string {
	const counts = new Map<string, number>();
	for (const file of files) {
		const ending = extname(file).toLowerCase() || basename(file);
		counts.set(ending, (counts.get(ending) ?? 0) + 1);
	}
	return [...counts]
		.sort((a, b) => b[1] - a[1])
		.slice(0, 4)
		.map(([ending, n]) => count(n, `${ending} file`))
		.join(", ");
}
