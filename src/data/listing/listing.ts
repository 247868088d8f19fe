import type { DataOptions } from "../../experiment/types.ts";
import type { DataDiagnostic } from "../diagnose.ts";
import type { Split } from "../types.ts";
import type { Found } from "./photo-files.ts";

/** A photo before its bytes are looked at. */
export interface ListedPhoto {
	/** Relative to the root, forward slashes. */
	readonly path: string;
	/** Index into classNames; -1 with `data.multi_label`. */
	readonly label: number;
	/** With `data.multi_label`: indices into classNames, ascending. */
	readonly labels?: readonly number[];
	/** Undefined where the split is still to be drawn. */
	readonly split: Split | undefined;
	/** Photos of one group stay in one split. Undefined without `group_by`. */
	readonly group: string | undefined;
}

/** What the folders or the manifest say; no file was opened. */
export interface Listing {
	/** Absolute. */
	readonly root: string;
	/** Sorted by code point, index = label. */
	readonly classNames: readonly string[];
	/** Within a class of a split in torchvision's order (a manifest: by path). */
	readonly photos: readonly ListedPhoto[];
	readonly warnings: readonly DataDiagnostic[];
}

/** The splits in the order in which samples are listed. */
export const SPLITS: readonly Split[] = ["train", "valid", "test"];

/** The splits that are asked for, with the names of their folders (in a manifest: of their values). */
export function splitNames(options: DataOptions): readonly [Split, string][] {
	const names: [Split, string][] = [
		["train", options.train],
		["valid", options.valid],
	];
	if (options.test !== undefined) names.push(["test", options.test]);
	return names;
}

/** One folder of class folders, as found. */
export interface ClassTree {
	/** Undefined where the split is still to be drawn. */
	readonly split: Split | undefined;
	/** The option that named the folder. */
	readonly at: readonly string[];
	readonly folder: string;
	/** Sorted by code point; paths relative to the root. */
	readonly classes: readonly { readonly name: string; readonly found: Found }[];
	/** Hidden folders beside the classes. */
	readonly hidden: readonly string[];
}
