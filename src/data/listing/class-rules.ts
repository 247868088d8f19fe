import { count } from "../../text.ts";
import { type DataDiagnostic, dataError, nameSome } from "../diagnose.ts";
import type { ClassTree } from "./listing.ts";
import { looksSame, nearest } from "./nearest.ts";

/**
 * What must hold between the class folders of all splits: the first split (train) names the classes,
 * at least two, and every other split has the same ones, each with a photo. Otherwise torchvision's
 * ImageFolder would number the classes of each split differently, without a word.
 */
export function compareClasses(trees: readonly ClassTree[]): DataDiagnostic[] {
	const [first, ...rest] = trees as [ClassTree, ...ClassTree[]];
	const names = first.classes.map(({ name }) => name);
	const errors = trees.flatMap(emptyClasses);
	if (names.length === 1) errors.push(onlyOneClass(first, names[0]));
	for (const tree of rest) {
		const here = tree.classes.map(({ name }) => name);
		for (const name of names)
			if (!here.includes(name)) errors.push(missing(tree, name, here, names));
		for (const name of here)
			if (!names.includes(name)) errors.push(unknown(tree, name, names, here));
	}
	return errors;
}

function emptyClasses(tree: ClassTree): DataDiagnostic[] {
	return tree.classes
		.filter(({ found }) => found.photos.length === 0)
		.map(({ name, found }) =>
			dataError(
				tree.at,
				"empty-class",
				`class "${name}" has no photo in ${tree.folder}`,
				{
					reason:
						found.others.length === 0
							? "the folder holds no file"
							: `the folder holds ${count(found.others.length, "file")} that are no photos: ${nameSome(found.others)}`,
					fix: "put photos into the folder, or remove it from every split",
				},
			),
		);
}

function onlyOneClass(tree: ClassTree, name: string): DataDiagnostic {
	return dataError(
		tree.at,
		"one-class-only",
		`${tree.folder} holds a single class, "${name}"`,
		{
			reason: "a classifier needs at least two classes to tell apart",
			fix: "expected <class>/*.jpg with a folder for each class",
		},
	);
}

function missing(
	tree: ClassTree,
	name: string,
	here: readonly string[],
	names: readonly string[],
): DataDiagnostic {
	const spare = here.filter((other) => !names.includes(other));
	return dataError(
		tree.at,
		"class-missing-in-split",
		`class "${name}" is missing from ${tree.folder}`,
		{
			reason: `the folder has ${nameSome(here)}`,
			...guess(name, spare, `add ${tree.folder}/${name} with photos`),
		},
	);
}

function unknown(
	tree: ClassTree,
	name: string,
	names: readonly string[],
	here: readonly string[],
): DataDiagnostic {
	const absent = names.filter((other) => !here.includes(other));
	return dataError(
		tree.at,
		"class-unknown-in-split",
		`class "${name}" of ${tree.folder} is not a class of the training photos`,
		{
			reason: `the training photos have ${nameSome(names)}`,
			...guess(name, absent, "rename the folder, or add the class to train"),
		},
	);
}

function guess(
	name: string,
	candidates: readonly string[],
	otherwise: string,
): { fix: string; suggestion?: string } {
	const near = nearest(name, candidates);
	if (near === undefined) return { fix: otherwise };
	const fix = looksSame(name, near)
		? `"${near}" looks the same but is spelled in another Unicode form (NFC, NFD): rename one of the two folders`
		: `is "${near}" meant? Give both folders one name`;
	return { fix, suggestion: near };
}
