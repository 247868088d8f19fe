import { readFileSync } from "node:fs";
import { fail, ok, type Result } from "../../diagnostic.ts";
import type { DataOptions } from "../../experiment/types.ts";
import { type DataDiagnostic, dataError, nameSome } from "../diagnose.ts";
import { type CsvField, parseCsv } from "./csv.ts";
import { groupOf } from "./group.ts";
import {
	type ListedPhoto,
	type Listing,
	SPLITS,
	splitNames,
} from "./listing.ts";
import { type ManifestColumns, manifestColumns } from "./manifest-columns.ts";
import { type ManifestError, manifestErrors } from "./manifest-error.ts";
import {
	columnLabels,
	type ManifestLabels,
	separatedLabels,
	soleLabels,
} from "./manifest-labels.ts";
import { manifestPaths } from "./manifest-paths.ts";
import { manifestClassRules } from "./manifest-rules.ts";
import { byCodePoint } from "./order.ts";

/**
 * A manifest: a CSV file in UTF-8 with a header, columns `path` and `label`, and where they are needed
 * `split` and a column of groups, in any order; further columns are ignored. Paths count from data.root.
 * With data.multi_label a photo has any number of classes: names in `label`, or a column of 0 and 1 a class.
 *
 *   path,label,split             path,label,split             path,cat,dog,split
 *   imgs/1.jpg,cat,train         imgs/1.jpg,cat|dog,train     imgs/1.jpg,1,1,train
 */

/** One row, each field with its place. */
interface ManifestRow {
	readonly path: CsvField;
	readonly fields: readonly CsvField[];
	readonly split: CsvField | undefined;
	readonly group: CsvField | undefined;
}

/** Lists the photos of `options.manifest`, sorted by path within a class of a split. All mistakes at once. */
export function listManifest(options: DataOptions): Result<Listing> {
	const file = options.manifest as string;
	const error = manifestErrors(file);
	const text = readText(file);
	if (!text.ok) return text;
	const csv = parseCsv(text.value);
	if (csv.error)
		return fail([
			error("bad-csv", csv.error.message, csv.error.range, {
				reason:
					'fields that hold commas, quotes or line ends are quoted: "a ""b"", c"',
			}),
		]);
	const columns = manifestColumns(options, csv.rows[0] ?? [], error);
	if (!columns.ok) return columns;
	const { width, path, split, group } = columns.value;

	const errors: DataDiagnostic[] = [];
	const rows: ManifestRow[] = [];
	for (const fields of csv.rows.slice(1)) {
		if (fields.length !== width) {
			const message = `a row of ${fields.length} fields under a header of ${width}`;
			errors.push(
				error("bad-row", message, (fields[width] ?? fields[0])?.range, {
					fix: "quote fields that hold commas",
				}),
			);
			continue;
		}
		const pick = (column: number | undefined) =>
			column === undefined ? undefined : fields[column];
		rows.push({
			path: fields[path],
			fields,
			split: pick(split),
			group: pick(group),
		});
	}
	if (rows.length === 0 && errors.length === 0)
		errors.push(
			error("no-photos", "the manifest names no photo", undefined, {
				fix: "add a row for each photo: path,label",
			}),
		);

	const { classNames, labels, ...said } = labelsOf(
		options,
		columns.value,
		rows,
		error,
	);
	errors.push(...said.errors);
	const places = manifestPaths(
		options.root,
		rows.map((row) => row.path),
		error,
	);
	errors.push(...places.errors);
	const splits = splitsOf(options, rows, error, errors);
	if (errors.length > 0) return fail(firstOfEachKind(errors));

	const photos: ListedPhoto[] = rows.map((row, index) => {
		const own = labels[index];
		return {
			path: places.paths[index],
			...(typeof own === "number"
				? { label: own }
				: { label: -1, labels: own }),
			split: splits[index],
			group: row.group?.text,
		};
	});
	photos.sort(
		(a, b) =>
			SPLITS.indexOf(a.split ?? "train") - SPLITS.indexOf(b.split ?? "train") ||
			a.label - b.label ||
			byCodePoint(a.path, b.path),
	);
	const broken = manifestClassRules(options, classNames, photos);
	if (broken.length > 0) return fail(broken);
	const listing: Listing = {
		root: options.root,
		classNames,
		photos,
		warnings: [],
	};
	if (group !== undefined) return ok(listing);
	const grouped = groupOf(options, photos);
	return grouped.ok ? ok({ ...listing, photos: grouped.value }) : grouped;
}

function labelsOf(
	options: DataOptions,
	{ label, classes }: ManifestColumns,
	rows: readonly ManifestRow[],
	error: ManifestError,
): ManifestLabels {
	const { multi_label } = options;
	if (label === undefined) {
		const all = rows.map(({ fields }) => fields);
		return columnLabels(all, classes, error);
	}
	const fields = rows.map((row) => row.fields[label]);
	return multi_label === undefined
		? soleLabels(fields, error)
		: separatedLabels(fields, multi_label);
}

/** So many mistakes of one kind are said one by one: a table of thousands of rows tends to repeat one. */
const MOST_OF_A_KIND = 20;

/** The first mistakes of each kind; the last of them says how many more there are. */
function firstOfEachKind(errors: readonly DataDiagnostic[]): DataDiagnostic[] {
	const counts = new Map<string, number>();
	for (const { code } of errors) counts.set(code, (counts.get(code) ?? 0) + 1);
	const said = new Map<string, number>();
	return errors.flatMap((error) => {
		const { code, message } = error;
		const number = (said.get(code) ?? 0) + 1;
		said.set(code, number);
		if (number > MOST_OF_A_KIND) return [];
		const more = (counts.get(code) ?? 0) - MOST_OF_A_KIND;
		return number === MOST_OF_A_KIND && more > 0
			? [{ ...error, message: `${message}; so it is in ${more} more rows` }]
			: [error];
	});
}

/** The split of each row; undefined where it is drawn. Rows of other splits' names are errors. */
function splitsOf(
	options: DataOptions,
	rows: readonly ManifestRow[],
	error: ManifestError,
	errors: DataDiagnostic[],
) {
	const names = splitNames(options);
	return rows.map(({ split }) => {
		if (split === undefined || options.split !== undefined) return undefined;
		const known = names.find(([, name]) => name === split.text);
		if (known === undefined)
			errors.push(
				error(
					"unknown-split",
					`${JSON.stringify(split.text)} is none of the splits`,
					split.range,
					{
						reason: `the splits are ${nameSome(names.map(([, name]) => name))}`,
						fix: "change the row, or name the split's value: data.valid, data.test",
					},
				),
			);
		return known?.[0];
	});
}

function readText(file: string): Result<string> {
	let bytes: Uint8Array;
	try {
		bytes = readFileSync(file);
	} catch (cause) {
		const { code } = cause as NodeJS.ErrnoException;
		const what =
			code === "ENOENT"
				? `there is no file ${file}`
				: code === "EISDIR"
					? `${file} is a folder`
					: `${file} cannot be read: ${(cause as Error).message}`;
		return fail([
			dataError(["data", "manifest"], "no-manifest", what, {
				reason: "data.manifest is a CSV file with the columns path and label",
				fix: "a relative path counts from the experiment file's folder",
			}),
		]);
	}
	try {
		return ok(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch {
		return fail([
			dataError(["data", "manifest"], "bad-csv", `${file} is not UTF-8`, {
				file,
				fix: 'save it as "CSV UTF-8"',
			}),
		]);
	}
}
