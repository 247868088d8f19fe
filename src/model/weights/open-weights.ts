import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { RunError } from "../../diagnostic.ts";
import { fingerprint } from "../../fingerprint.ts";
import type { Tensor, Weights } from "../types.ts";
import { fileSha256 } from "./file-hash.ts";
import { isKerasArchive } from "./keras/archive.ts";
import { BadKeras, kerasFault } from "./keras/faults.ts";
import type { KerasVariables } from "./keras/variables.ts";
import type { TensorInfo } from "./match.ts";
import { otherFormat } from "./other-format.ts";
import { isZip, looksLikePth, openPth } from "./pth/pth.ts";
import { readFully } from "./read-fully.ts";
import { readSafetensorsHeader, readTensors } from "./safetensors.ts";
import { openSharded } from "./sharded.ts";

/** A file of weights of any format, its values not read yet. */
export interface WeightsFile {
	/** Under the names that the network uses. */
	readonly tensors: readonly TensorInfo[];
	/** What was done to find them, in words: a nested state_dict, a prefix left out. */
	readonly notes: readonly string[];
	/** All files that belong to it, itself first. */
	readonly files: readonly string[];
	/** Values of the named tensors; others are not read where the format allows it. */
	readonly read: (names: ReadonlySet<string>) => Promise<Weights>;
	/** Of a Keras or TensorFlow.js model: `tensors` is empty, keras/adapt.ts makes a network's tensors of these. */
	readonly keras?: KerasVariables;
}

/**
 * Opens .safetensors, model.safetensors.index.json, both kinds of .pth, Keras's .h5 and .keras, and TensorFlow.js's
 * model.json; what a file is, its first bytes say.
 * @throws RunError "weights-unreadable", "weights-pickle".
 */
export async function openWeights(path: string): Promise<WeightsFile> {
	const start = await firstBytes(path);
	if (/\.json$/i.test(path)) return openJson(path);
	if (isHdf5(start)) return openKeras(path, "h5");
	if (isZip(start) && (await isKerasArchive(path)))
		return openKeras(path, "keras");
	if (looksLikePth(start)) return openPthFile(path, start);
	const other = otherFormat(start, path);
	if (other) throw other;
	const { entries } = await readSafetensorsHeader(path);
	return plainNames({
		tensors: entries,
		notes: [],
		files: [path],
		read: async () => (await readTensors(path)).tensors,
	});
}

/** sha256 of what was opened: the file's, or of several files' together. */
export async function weightsSha256(
	{ files }: WeightsFile,
	cache: string,
): Promise<string> {
	const [first = "", ...shards] = files;
	const sha256 = await fileSha256(first, cache);
	if (shards.length === 0) return sha256;
	const all: [string, string][] = [[basename(first), sha256]];
	for (const shard of shards)
		all.push([basename(shard), await fileSha256(shard, cache)]);
	return fingerprint(all);
}

/** The first eight bytes of every HDF5 file. */
function isHdf5(start: Uint8Array): boolean {
	return Buffer.from(start).toString("latin1").startsWith("\x89HDF\r\n\x1a\n");
}

/** The HDF5 library is loaded only for those who need it. */
async function openKeras(
	path: string,
	kind: "h5" | "keras",
): Promise<WeightsFile> {
	const { readH5Layers } = await import("./keras/h5-layers.ts");
	try {
		if (kind === "h5") {
			const { size } = await stat(path);
			return kerasFile(await readH5Layers({ path, offset: 0, size }), [path]);
		}
		const { readKerasArchive } = await import("./keras/archive.ts");
		const { weights, config } = await readKerasArchive(path);
		return kerasFile(await readH5Layers(weights, config), [path]);
	} catch (error) {
		throw kerasFault(error, path);
	}
}

function kerasFile(
	keras: KerasVariables,
	files: readonly string[],
): WeightsFile {
	return {
		...{ tensors: [], notes: [], files, keras },
		read: () => Promise.reject(new Error("internal: a Keras file unadapted")),
	};
}

/** A topology may be large, weights are not in it. */
const MAX_JSON_BYTES = 64 << 20;

async function openJson(path: string): Promise<WeightsFile> {
	const { size } = await stat(path);
	const text = size > MAX_JSON_BYTES ? "" : await readFile(path, "utf8");
	if (!/"weightsManifest"/.test(text))
		return plainNames(await openSharded(path));
	const { openTfjsModel } = await import("./tfjs/model-json.ts");
	try {
		const { variables, shards } = openTfjsModel(parsed(text), path);
		return kerasFile(variables, [path, ...shards]);
	} catch (error) {
		throw kerasFault(error, path, "TensorFlow.js model");
	}
}

function parsed(text: string): object {
	try {
		return JSON.parse(text) as object;
	} catch {
		throw new BadKeras("it is not JSON");
	}
}

async function openPthFile(
	path: string,
	start: Uint8Array,
): Promise<WeightsFile> {
	const withFile = async <T>(use: (file: FileHandle) => Promise<T>) => {
		const file = await open(path, "r");
		return use(file).finally(() => file.close());
	};
	const { tensors, nestedIn } = await withFile((file) =>
		openPth(file, start, path),
	);
	return plainNames({
		tensors,
		notes:
			nestedIn === undefined
				? []
				: [`its weights were taken from its key "${nestedIn}"`],
		files: [path],
		read: (names) =>
			withFile(async (file) => (await openPth(file, start, path)).read(names)),
	});
}

/** Prefixes that wrappers put before every name: DataParallel, torch.compile. */
const PREFIXES = ["module.", "_orig_mod."] as const;

/** Without the prefixes that all names share. */
function plainNames(file: WeightsFile): WeightsFile {
	const prefix = PREFIXES.find((start) =>
		file.tensors.every(({ name }) => name.startsWith(start)),
	);
	if (prefix === undefined || file.tensors.length === 0) return file;
	const short = (name: string) => name.slice(prefix.length);
	return plainNames({
		...file,
		tensors: file.tensors.map((info) => ({ ...info, name: short(info.name) })),
		notes: [...file.notes, `"${prefix}" was left out in front of every name`],
		read: async (names) => {
			const long = new Set([...names].map((name) => prefix + name));
			const read = new Map<string, Tensor>();
			for (const [name, tensor] of await file.read(long))
				read.set(short(name), tensor);
			return read;
		},
	});
}

async function firstBytes(path: string): Promise<Uint8Array> {
	try {
		const file = await open(path, "r");
		try {
			const start = new Uint8Array(512);
			return start.subarray(0, await readFully(file, start, 0));
		} finally {
			await file.close();
		}
	} catch (cause) {
		const isFolder = (cause as NodeJS.ErrnoException).code === "EISDIR";
		throw new RunError(
			"weights-unreadable",
			`${path}: ${isFolder ? "a weights file was expected, this is a folder" : "cannot be opened"}`,
			{ fix: "check the path of the weights file and its permissions", cause },
		);
	}
}
