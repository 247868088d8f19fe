import {
	closeSync,
	fstatSync,
	openSync,
	readdirSync,
	readSync,
	statSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { type Diagnostic, fail, ok, type Result } from "../../diagnostic.ts";
import { nearest } from "../suggest.ts";

const MAX_BYTES = 1_000_000;

/** The text of an experiment file: UTF-8, with or without a byte order mark, at most a megabyte. */
export function readText(file: string): Result<string> {
	const bytes = readBytes(file);
	if (!bytes.ok) return bytes;
	return decode(file, bytes.value);
}

function readBytes(file: string): Result<Buffer> {
	let handle: number | undefined;
	try {
		if (statSync(file).isDirectory()) return fail([folderInstead(file)]);
		handle = openSync(file, "r");
		const { size } = fstatSync(handle);
		if (size > MAX_BYTES) return fail([tooLarge(file, size)]);
		const bytes = readAtMost(handle, MAX_BYTES + 1);
		return bytes.length > MAX_BYTES
			? fail([tooLarge(file, bytes.length)])
			: ok(bytes);
	} catch (error) {
		return fail([cannotRead(file, error as NodeJS.ErrnoException)]);
	} finally {
		if (handle !== undefined) closeSync(handle);
	}
}

/** Pipes and devices (`<(…)`, /dev/stdin, /dev/zero) do not tell their size beforehand. */
function readAtMost(handle: number, most: number): Buffer {
	const bytes = Buffer.alloc(most);
	let length = 0;
	while (length < most) {
		const got = readSync(handle, bytes, length, most - length, null);
		if (got === 0) break;
		length += got;
	}
	return bytes.subarray(0, length);
}

function decode(file: string, bytes: Buffer): Result<string> {
	if (bytes.includes(0)) return fail([binary(file, bytes)]);
	try {
		return ok(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch {
		return fail([notUtf8(file, bytes)]);
	}
}

function cannotRead(file: string, error: NodeJS.ErrnoException): Diagnostic {
	if (error.code === "ENOENT" || error.code === "ENOTDIR") return missing(file);
	return {
		severity: "error",
		code: "unreadable-file",
		file,
		message: `cannot read this file: ${error.code === "EACCES" ? "permission denied" : error.message}`,
		fix: error.code === "EACCES" ? `chmod +r ${file}` : "look at the path",
	};
}

function missing(file: string): Diagnostic {
	const folder = dirname(file);
	const names = listFolder(folder);
	const problem = {
		severity: "error",
		code: "no-such-file",
		file,
		message: "there is no such file",
	} as const;
	if (names === undefined)
		return {
			...problem,
			reason: `there is no folder "${folder}" either`,
			fix: "look at the path; it is relative to the folder you are in",
		};
	const files = names.filter((name) => isExperimentName(name));
	const near = nearestFile(basename(file), files);
	if (near !== undefined)
		return {
			...problem,
			fix: `did you mean "${join(folder, near)}"?`,
			suggestion: join(folder, near),
		};
	return {
		...problem,
		fix:
			files.length === 0
				? `"${folder}" holds no .yaml file; look at the path`
				: `"${folder}" holds ${files.slice(0, 8).join(", ")}${files.length > 8 ? ", …" : ""}`,
	};
}

/** Endings are compared apart, so that resize.yml is near resize.yaml. */
function nearestFile(
	name: string,
	files: readonly string[],
): string | undefined {
	const stem = (file: string) =>
		file.slice(0, -extname(file).length || undefined);
	const near = nearest(stem(name), files.map(stem));
	return files.find((file) => stem(file) === near);
}

function folderInstead(file: string): Diagnostic {
	const files = (listFolder(file) ?? []).filter(isExperimentName);
	const first = files[0];
	return {
		severity: "error",
		code: "folder-instead-of-file",
		file,
		message: "this is a folder, expected an experiment file",
		fix:
			first === undefined
				? "name a .yaml file"
				: files.length === 1
					? `name the file in it: ${join(file, first)}`
					: `name one of the files in it: ${files.slice(0, 8).join(", ")}${files.length > 8 ? ", …" : ""}`,
		...(files.length === 1 && first !== undefined
			? { suggestion: join(file, first) }
			: {}),
	};
}

function tooLarge(file: string, size: number): Diagnostic {
	return {
		severity: "error",
		code: "file-too-large",
		file,
		message: `this file has ${(size / 1e6).toFixed(1)} MB, more than the 1 MB an experiment file may have`,
		reason:
			"an experiment file is a page of text; photos and weights are named in it, not put into it",
		fix: "look at the path",
	};
}

function binary(file: string, bytes: Buffer): Diagnostic {
	const isUtf16 =
		(bytes[0] === 0xff && bytes[1] === 0xfe) ||
		(bytes[0] === 0xfe && bytes[1] === 0xff);
	return {
		severity: "error",
		code: isUtf16 ? "not-utf8" : "binary-file",
		file,
		message: isUtf16
			? "this file is encoded in UTF-16"
			: "this is a binary file, expected YAML text",
		reason: isUtf16
			? "experiment files are UTF-8"
			: `it holds a zero byte at offset ${bytes.indexOf(0)}`,
		fix: isUtf16 ? "save it as UTF-8" : "look at the path",
	};
}

/** Shows the line with what could not be read as "\uFFFD". */
function notUtf8(file: string, bytes: Buffer): Diagnostic {
	const offset = firstInvalid(bytes);
	const before = bytes
		.subarray(0, offset)
		.toString("utf8")
		.replace(/^\uFEFF/, "");
	const line = before.split("\n").length;
	const column = before.length - before.lastIndexOf("\n");
	const all = bytes.toString("utf8").replace(/^\uFEFF/, "");
	return {
		severity: "error",
		code: "not-utf8",
		file,
		range: { line, column, endLine: line, endColumn: column + 1 },
		source: (all.split("\n")[line - 1] ?? "").replace(/\r$/, ""),
		message: `byte 0x${(bytes[offset] as number).toString(16)} is not UTF-8`,
		reason:
			"experiment files are UTF-8; this one seems to be in another encoding, such as Latin-1 or GBK",
		fix: "save it as UTF-8",
	};
}

/** Offset of the first byte that UTF-8 does not allow: the longest beginning that decodes, by halves. */
function firstInvalid(bytes: Buffer): number {
	let valid = 0;
	let invalid = bytes.length;
	while (invalid - valid > 1) {
		const middle = (valid + invalid) >> 1;
		if (decodes(bytes.subarray(0, middle), true)) valid = middle;
		else invalid = middle;
	}
	while (!decodes(bytes.subarray(0, valid), false)) valid--;
	return valid;
}

/** @param mayEnd whether a character may be cut off at the end */
function decodes(bytes: Buffer, mayEnd: boolean): boolean {
	try {
		new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: mayEnd });
		return true;
	} catch {
		return false;
	}
}

function listFolder(folder: string): readonly string[] | undefined {
	try {
		return readdirSync(folder).sort();
	} catch {
		return undefined;
	}
}

function isExperimentName(name: string): boolean {
	return /\.(ya?ml|json)$/i.test(name);
}
