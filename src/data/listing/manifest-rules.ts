import type { DataOptions } from "../../experiment/types.ts";
import { type DataDiagnostic, dataError, nameSome } from "../diagnose.ts";
import { type ListedPhoto, splitNames } from "./listing.ts";

/** What must hold between the splits of a manifest: two classes or more, each with photos in every split. */
export function manifestClassRules(
	options: DataOptions,
	classNames: readonly string[],
	photos: readonly ListedPhoto[],
): DataDiagnostic[] {
	const file = options.manifest as string;
	const errors: DataDiagnostic[] = [];
	const isMulti = options.multi_label !== undefined;
	if (isMulti && classNames.length === 0)
		errors.push(
			dataError(
				["data", "manifest"],
				"no-classes",
				"no photo of the manifest has a class",
				{ file, fix: 'name classes in the label column: "cat|dog"' },
			),
		);
	if (classNames.length === 1 && !isMulti)
		errors.push(
			dataError(
				["data", "manifest"],
				"one-class-only",
				`all photos have the label "${classNames[0]}"`,
				{
					file,
					reason: "a classifier needs at least two classes to tell apart",
				},
			),
		);
	if (options.split !== undefined) return errors;
	for (const [split, name] of splitNames(options)) {
		const own = photos.filter((photo) => photo.split === split);
		const here = new Set(own.flatMap(({ label, labels }) => labels ?? [label]));
		if (own.length === 0) {
			errors.push(
				dataError(
					["data", split],
					"no-photos",
					`no row of the manifest has the split "${name}"`,
					{ file, fix: `give rows the split "${name}", or set data.${split}` },
				),
			);
			continue;
		}
		// Of several labels only what is trained on must be whole: elsewhere a warning says what cannot be measured.
		if (isMulti && split !== "train") continue;
		const absent = classNames.filter((_, label) => !here.has(label));
		for (const className of absent)
			errors.push(
				dataError(
					["data", split],
					"class-missing-in-split",
					`class "${className}" has no photo with the split "${name}"`,
					{
						file,
						reason: `there are ${nameSome(classNames.filter((_, label) => here.has(label)))}`,
						fix: `give some of its photos the split "${name}"`,
					},
				),
			);
	}
	return errors;
}
