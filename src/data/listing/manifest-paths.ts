import { readdirSync, type Stats, statSync } from "node:fs";
import { dirname, isAbsolute, join, posix, relative, sep } from "node:path";
import type { DataDiagnostic } from "../diagnose.ts";
import type { CsvField } from "./csv.ts";
import type { ManifestError } from "./manifest-error.ts";
import { looksSame, nearest } from "./nearest.ts";

/**
 * The manifest's paths as samples carry them: relative to the root, forward slashes, spelled as the disk
 * spells them (a path in the other Unicode form, as macOS writes it, still finds its photo).
 * Paths without a photo and paths given twice are errors.
 */
export function manifestPaths(
	root: string,
	fields: readonly CsvField[],
	error: ManifestError,
): { readonly paths: readonly string[]; readonly errors: DataDiagnostic[] } {
	const errors: DataDiagnostic[] = [];
	const seen = new Map<string, CsvField>();
	const paths = fields.map((field) => {
		const path = findPhoto(root, normalized(root, field.text));
		if (field.text.trim() === "")
			errors.push(error("missing-photo", "a row without a path", field.range));
		else if (path === undefined) errors.push(missingPhoto(root, field, error));
		const key = path ?? normalized(root, field.text);
		const earlier = seen.get(key);
		if (earlier !== undefined && field.text.trim() !== "")
			errors.push(
				error(
					"duplicate-path",
					`${JSON.stringify(field.text)} is listed twice`,
					field.range,
					{
						reason: `line ${earlier.range.line} names the same file`,
						fix: "remove one of the two rows",
					},
				),
			);
		else seen.set(key, field);
		return key;
	});
	return { paths, errors };
}

function normalized(root: string, path: string): string {
	const plain = isAbsolute(path) ? relative(root, path) : path;
	return posix.normalize(sep === "\\" ? plain.replaceAll("\\", "/") : plain);
}

/** The path of an existing file, or of the one whose name looks the same. */
function findPhoto(root: string, path: string): string | undefined {
	if (isFile(join(root, path))) return path;
	for (const form of ["NFC", "NFD"]) {
		const other = path.normalize(form);
		if (other !== path && isFile(join(root, other))) return other;
	}
	return undefined;
}

function isFile(path: string): boolean {
	return statOf(path)?.isFile() ?? false;
}

function missingPhoto(
	root: string,
	field: CsvField,
	error: ManifestError,
): DataDiagnostic {
	const path = normalized(root, field.text);
	if (exists(join(root, path)))
		return error(
			"missing-photo",
			`${JSON.stringify(field.text)} is a folder, expected a photo`,
			field.range,
			{ fix: "write a row for each photo in it" },
		);
	const near = nearestPath(root, path);
	return error(
		"missing-photo",
		`there is no file ${JSON.stringify(field.text)}`,
		field.range,
		{
			reason: `paths count from data.root, ${root}`,
			fix:
				near === undefined
					? "correct the path, or remove the row"
					: looksSame(near, path)
						? `rename the file: "${near}" mixes Unicode forms`
						: `did you mean "${near}"?`,
			...(near !== undefined && { suggestion: near }),
		},
	);
}

/** The nearest name where the path stops existing. */
function nearestPath(root: string, path: string): string | undefined {
	let folder = dirname(path);
	let rest = path.slice(folder === "." ? 0 : folder.length + 1);
	while (folder !== "." && !exists(join(root, folder))) {
		rest = path.slice(dirname(folder) === "." ? 0 : dirname(folder).length + 1);
		folder = dirname(folder);
	}
	if (path.includes("\\") && isFile(join(root, path.replaceAll("\\", "/"))))
		return path.replaceAll("\\", "/");
	let names: string[];
	try {
		names = readdirSync(join(root, folder));
	} catch {
		return undefined;
	}
	const [name, ...below] = rest.split("/");
	const near = nearest(name as string, names);
	return near === undefined ? undefined : posix.join(folder, near, ...below);
}

function exists(path: string): boolean {
	return statOf(path) !== undefined;
}

/** Undefined too where the system cannot look: a name with a zero byte or of too many bytes, a file taken for a folder. */
function statOf(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false });
	} catch {
		return undefined;
	}
}
