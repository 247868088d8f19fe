import { closeSync, openSync, readSync } from "node:fs";
import type { Dataset, File, Group } from "h5wasm";
import { sizeOf } from "../../dtypes.ts";
import type { DType } from "../../types.ts";
import { BadKeras } from "./faults.ts";
import { heapCheck } from "./heap-check.ts";

/**
 * Reader of HDF5, the format of Keras's .h5: the HDF5 library as WebAssembly, in a file system of its own in which
 * there is one file, read through a window of the real one. So no link and no external storage leads out of it, and
 * a .keras archive is read in its place.
 */

/** Where an HDF5 file lies: a whole file, or a part of an archive. */
export interface Hdf5Place {
	readonly path: string;
	readonly offset: number;
	readonly size: number;
}

/** An open file; paths begin at its root, without a slash. */
export interface Hdf5 {
	/** Names in a group; undefined where there is no such group. */
	readonly keys: (group: string) => readonly string[] | undefined;
	/** An attribute's texts; undefined where it is not there. */
	readonly texts: (
		object: string,
		attribute: string,
	) => readonly string[] | undefined;
	/** Undefined where the path is no dataset. */
	readonly describe: (dataset: string) => Described | undefined;
	/** Rows of a dataset, which `describe` knows: values of its first axis from `from` to before `to`. */
	readonly rows: (
		dataset: string,
		from: number,
		to: number,
	) => ArrayLike<number>;
}

/** A dataset without its values. */
export interface Described {
	readonly dtype: DType;
	readonly shape: readonly number[];
}

/** Longest text of an attribute: a model's configuration has some hundred kB. */
const MAX_ATTRIBUTE_BYTES = 64 << 20;
/** A chunk is unpacked as a whole. */
const MAX_CHUNK_BYTES = 256 << 20;
const MAX_NAMES = 100_000;

let opened = 0;

/** Opens a file, and closes it when `use` has ended. @throws BadKeras where it is damaged. */
export async function withHdf5<T>(
	{ path, offset, size }: Hdf5Place,
	use: (file: Hdf5) => T | Promise<T>,
): Promise<T> {
	const library = await import("h5wasm");
	const { FS } = (await library.ready) as unknown as { readonly FS: Sandbox };
	const said = listenTo(FS);
	const name = `/${opened++}.h5`;
	const real = openSync(path, "r");
	let file: File | undefined;
	try {
		const window = (
			into: Uint8Array,
			at: number,
			length: number,
			position: number,
		) =>
			position >= size
				? 0
				: readSync(
						real,
						into,
						at,
						Math.min(length, size - position),
						offset + position,
					);
		putWindow(FS, name, window, size);
		file = guarded(said, () => new library.File(name, "r"));
		return await use(reader(file, said, library));
	} finally {
		try {
			file?.close();
		} catch {
			// A damaged file may not close either.
		}
		if (FS.analyzePath(name).exists) FS.unlink(name);
		closeSync(real);
	}
}

function reader(
	file: File,
	said: string[],
	library: typeof import("h5wasm"),
): Hdf5 {
	const entity = (path: string) =>
		guarded(said, () => (path === "" ? file : file.get(path)));
	const group = (path: string): Group | undefined => {
		const found = entity(path);
		return found instanceof library.Group ? found : undefined;
	};
	const dataset = (path: string): Dataset => {
		const found = entity(path);
		if (found instanceof library.Dataset) return found;
		throw new BadKeras(`"${path}" is no dataset`);
	};
	return {
		keys(path) {
			const found = group(path);
			if (found === undefined) return undefined;
			const keys = guarded(said, () => found.keys());
			if (keys.length > MAX_NAMES)
				throw new BadKeras(`"${path}" holds ${keys.length} names`);
			return keys;
		},
		texts(path, name) {
			const attribute = guarded(said, () => group(path)?.attrs[name]);
			if (attribute === undefined) return undefined;
			const { metadata, shape } = attribute;
			const bytes = sizeOf(shape ?? []) * metadata.size;
			if (bytes > MAX_ATTRIBUTE_BYTES)
				throw new BadKeras(`attribute "${name}" claims ${bytes} bytes`);
			// Keras writes an empty list as float64 [0].
			if (sizeOf(shape ?? [0]) === 0) return [];
			const value: unknown = guarded(said, () => attribute.value);
			const all = Array.isArray(value) ? value : [value];
			if (all.every((text) => typeof text === "string")) return all as string[];
			throw new BadKeras(`attribute "${name}" of "${path}" holds no texts`);
		},
		describe(path) {
			const found = entity(path);
			if (!(found instanceof library.Dataset)) return undefined;
			const { metadata } = guarded(said, () => ({
				metadata: found.metadata,
			}));
			const shape = metadata.shape?.map(Number);
			if (shape === undefined) throw new BadKeras(`"${path}" has no shape`);
			if (metadata.virtual_sources !== undefined)
				throw new BadKeras(`"${path}" lies in other files`);
			const chunk = sizeOf((metadata.chunks ?? []).map(Number)) * metadata.size;
			if (metadata.chunks && chunk > MAX_CHUNK_BYTES)
				throw new BadKeras(`"${path}" has chunks of ${chunk} bytes`);
			return { dtype: dtypeOf(metadata, path), shape };
		},
		rows(path, from, to) {
			const found = dataset(path);
			const value: unknown = guarded(said, () =>
				found.shape?.length ? found.slice([[from, to]]) : [found.value],
			);
			const isNumbers = ArrayBuffer.isView(value) || Array.isArray(value);
			if (!isNumbers) throw new BadKeras(`"${path}" holds no numbers`);
			return value as unknown as ArrayLike<number>;
		},
	};
}

function dtypeOf(
	{ type, size, signed }: Dataset["metadata"],
	path: string,
): DType {
	const kind =
		type === 1 ? "float" : type === 0 ? (signed ? "int" : "uint") : "";
	const dtype = `${kind}${8 * size}`;
	const known = ["float32", "float64", "int32", "int64", "uint8", "uint32"];
	if (known.includes(dtype)) return dtype as DType;
	throw new BadKeras(
		`"${path}" holds ${kind === "" ? "something other than numbers" : dtype}, float32 was expected`,
	);
}

/** What this file uses of Emscripten's file system. */
interface Sandbox {
	readonly createFile: (
		parent: string,
		name: string,
		properties: object,
		canRead: boolean,
		canWrite: boolean,
	) => {
		stream_ops: object;
	};
	readonly analyzePath: (path: string) => { readonly exists: boolean };
	readonly unlink: (path: string) => void;
	readonly getStream: (
		descriptor: number,
	) => { readonly tty?: { ops: object } } | null;
}

type ReadInto = (
	into: Uint8Array,
	at: number,
	length: number,
	position: number,
) => number;

function putWindow(FS: Sandbox, name: string, read: ReadInto, size: number) {
	const node = FS.createFile("/", name.slice(1), {}, true, false);
	Object.defineProperty(node, "usedBytes", { get: () => size });
	const isDamaged = heapCheck((position, length) => {
		const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - position)));
		return bytes.subarray(0, read(bytes, 0, bytes.length, position));
	});
	node.stream_ops = {
		...node.stream_ops,
		read: (
			_: unknown,
			into: Uint8Array,
			at: number,
			length: number,
			position: number,
		) => {
			const done = read(into, at, length, position);
			const isBad = isDamaged(into.subarray(at, at + done), position);
			// The end of the file, which the library knows how to report.
			return isBad ? 0 : done;
		},
	};
}

const complaints: string[] = [];

/** The library tells of a failed read only on its stderr; what it returns then is whatever was in memory. */
function listenTo(FS: Sandbox): string[] {
	const tty = FS.getStream(2)?.tty;
	if (tty === undefined)
		throw new Error("internal: the HDF5 library has no stderr");
	let line = "";
	tty.ops = {
		put_char: (_: unknown, code: number) => {
			if (code !== 10) line += String.fromCharCode(code);
			else {
				complaints.push(line);
				line = "";
			}
		},
		fsync: () => undefined,
	};
	return complaints;
}

/** @throws BadKeras where the library complained or failed. */
function guarded<T>(said: string[], work: () => T): T {
	said.length = 0;
	let result: T;
	try {
		result = work();
	} catch (cause) {
		throw new BadKeras(reasonOf(said) ?? (cause as Error).message);
	}
	if (said.length > 0)
		throw new BadKeras(reasonOf(said) ?? "it cannot be read");
	return result;
}

/** The innermost reason, which comes last: "#011: … in H5D__efl_read(): unable to open external raw data file". */
function reasonOf(said: readonly string[]): string | undefined {
	const last = said.findLast((line) => /^\s*#\d+:/.test(line));
	return last?.replace(/^.*?\(\): /, "");
}
