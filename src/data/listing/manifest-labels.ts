import type { MultiLabel } from "../../experiment/types.ts";
import type { DataDiagnostic } from "../diagnose.ts";
import type { CsvField } from "./csv.ts";
import type { ManifestError } from "./manifest-error.ts";
import { byCodePoint } from "./order.ts";

/** What a manifest says of the photos' classes. */
export interface ManifestLabels {
	/** Sorted by code point. */
	readonly classNames: readonly string[];
	/** A row: one class index, or with `data.multi_label` any number of them, ascending. */
	readonly labels: readonly (number | readonly number[])[];
	readonly errors: readonly DataDiagnostic[];
}

/** One class a photo, in the label column. */
export function soleLabels(
	fields: readonly CsvField[],
	error: ManifestError,
): ManifestLabels {
	const errors = fields
		.filter(({ text }) => text.trim() === "")
		.map(({ range }) =>
			error("empty-label", "a photo without a label", range, {
				fix: "write its class, or remove the row; photos without a class are for data.multi_label: true",
			}),
		);
	const names = fields.map(({ text }) => text);
	const { classNames, indexOf } = sorted(names);
	return { classNames, labels: names.map(indexOf), errors };
}

/** Several names in the label column, what is around them trimmed; an empty field is a photo without a class. */
export function separatedLabels(
	fields: readonly CsvField[],
	multiLabel: MultiLabel,
): ManifestLabels {
	const separator =
		multiLabel !== true && "separator" in multiLabel
			? multiLabel.separator
			: "|";
	const rows = fields.map(({ text }) => [
		...new Set(
			text
				.split(separator)
				.map((name) => name.trim())
				.filter((name) => name !== ""),
		),
	]);
	const { classNames, indexOf } = sorted(rows.flat());
	return {
		classNames,
		labels: rows.map((names) => names.map(indexOf).sort((a, b) => a - b)),
		errors: [],
	};
}

/** A column a class, 1 where a photo has it and 0 where it has not. */
export function columnLabels(
	rows: readonly (readonly CsvField[])[],
	columns: readonly { readonly name: string; readonly at: number }[],
	error: ManifestError,
): ManifestLabels {
	const errors: DataDiagnostic[] = [];
	const ordered = [...columns].sort((a, b) => byCodePoint(a.name, b.name));
	const labels = rows.map((fields) =>
		ordered.flatMap(({ name, at }, index) => {
			const { text, range } = fields[at];
			const said = text.trim();
			if (said === "1") return [index];
			if (said !== "0")
				errors.push(
					error(
						"bad-target",
						`${JSON.stringify(text)} in column "${name}" is neither 0 nor 1`,
						range,
						{
							reason:
								"with data.multi_label.columns each class is a column: 1 where the photo has it, 0 where it has not",
							fix: "write 0 or 1, or name the columns that are classes: multi_label: { columns: [cat, dog] }",
						},
					),
				);
			return [];
		}),
	);
	return { classNames: ordered.map(({ name }) => name), labels, errors };
}

function sorted(names: readonly string[]) {
	const classNames = [...new Set(names)].sort(byCodePoint);
	const indices = new Map(classNames.map((name, index) => [name, index]));
	const indexOf = (name: string) => indices.get(name) as number;
	return { classNames, indexOf };
}
