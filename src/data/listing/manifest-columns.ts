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
	/** Undefined where each class is a column. */
	readonly label: number | undefined;
	/** With `data.multi_label.columns`: the columns that are classes. */
	readonly classes: readonly { readonly name: string; readonly at: number }[];
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
	const multi = options.multi_label;
	const columns =
		multi !== undefined && multi !== true && "columns" in multi
			? multi.columns
			: undefined;
	const label =
		columns === undefined
			? find("label", "it names each photo's class")
			: undefined;
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
	const others = names.filter(
		(name) => !["", "path", "split", "label", groupBy].includes(name),
	);
	const classes = (columns === "all" ? others : (columns ?? [])).map(
		(name) => ({ name, at: names.indexOf(name) }),
	);
	for (const { name, at } of classes)
		if (at < 0) errors.push(noClassColumn(name, others));
	if (columns === "all" && others.length === 0)
		errors.push(
			error("missing-column", "the manifest has no class column", undefined, {
				reason: `with data.multi_label.columns: all, every column but path, split and the groups' is a class; the header has ${nameSome(names)}`,
				fix: "add a column of 0 and 1 for each class",
			}),
		);
	if (errors.length > 0) return fail(errors);
	return ok({
		classes,
		width: names.length,
		path,
		label,
		split,
		group: group < 0 ? undefined : group,
	});
}

function noClassColumn(
	name: string,
	others: readonly string[],
): DataDiagnostic {
	const near = nearest(name, others);
	return dataError(
		["data", "multi_label", "columns"],
		"missing-column",
		`the manifest has no column "${name}"`,
		{
			reason: `it is to be a class; the header has ${nameSome(others) || "no other columns"}`,
			fix:
				near === undefined
					? `add a column "${name}" of 0 and 1`
					: `did you mean "${near}"?`,
			...(near !== undefined && { suggestion: near }),
		},
	);
}
