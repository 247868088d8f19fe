import { fail, ok, type Result } from "../../diagnostic.ts";
import type { DataOptions } from "../../experiment/types.ts";
import { type DataDiagnostic, dataError, nameSome } from "../diagnose.ts";
import type { CsvField } from "./csv.ts";
import type { ManifestError } from "./manifest-error.ts";
import { nearest } from "./nearest.ts";

/** Positions of the columns in a manifest's header. */
export interface ManifestColumns {
	/** Fields of the header, and so of every row. */
	readonly width: number;
	readonly path: number;
	readonly label: number;
	/** Undefined where `data.split` draws the splits. */
	readonly split: number | undefined;
	/** Undefined unless `data.split.group_by` names a column. */
	readonly group: number | undefined;
}

/** Finds the columns that the options need; missing and doubled ones are errors. */
export function manifestColumns(
	options: DataOptions,
	header: readonly CsvField[],
	error: ManifestError,
): Result<ManifestColumns> {
	const names = header.map(({ text }) => text.trim());
	const errors: DataDiagnostic[] = [];
	if (names.length === 1 && /[;\t]/.test(names[0]))
		return fail([
			error(
				"bad-csv",
				"the header's fields are not separated by commas",
				header[0].range,
				{ fix: "save the table with commas between the fields" },
			),
		]);
	names.forEach((name, index) => {
		if (name !== "" && names.indexOf(name) < index)
			errors.push(
				error("double-column", `two columns "${name}"`, header[index].range, {
					fix: "remove or rename one",
				}),
			);
	});
	const find = (name: string, needed: string): number => {
		const index = names.indexOf(name);
		if (index < 0) {
			const near = nearest(name, names);
			errors.push(
				error(
					"missing-column",
					`the manifest has no column "${name}"`,
					header[near === undefined ? 0 : names.indexOf(near)]?.range,
					{
						reason: `${needed}; the header has ${nameSome(names) || "no columns"}`,
						fix:
							near === undefined
								? `add a column "${name}"`
								: `rename the column "${near}" to "${name}"`,
						...(near !== undefined && { suggestion: near }),
					},
				),
			);
		}
		return index;
	};
	const path = find("path", "it names each photo's file");
	const label = find("label", "it names each photo's class");
	const split =
		options.split === undefined
			? find("split", "without data.split it says which split a photo is in")
			: undefined;

	const groupBy = options.split?.group_by;
	const group = groupBy === undefined ? -1 : names.indexOf(groupBy);
	if (groupBy !== undefined && group < 0 && /^[\w -]+$/.test(groupBy)) {
		const near = nearest(groupBy, names);
		errors.push(
			dataError(
				["data", "split", "group_by"],
				"missing-column",
				`the manifest has no column "${groupBy}"`,
				{
					reason: `the header has ${nameSome(names)}`,
					fix:
						near === undefined
							? "name a column, or give a regular expression on the path"
							: `did you mean "${near}"?`,
					...(near !== undefined && { suggestion: near }),
				},
			),
		);
	}
	if (errors.length > 0) return fail(errors);
	return ok({
		width: names.length,
		path,
		label,
		split,
		group: group < 0 ? undefined : group,
	});
}
