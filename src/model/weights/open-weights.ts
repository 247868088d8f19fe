import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { RunError } from "../../diagnostic.ts";
import { fingerprint } from "../../fingerprint.ts";
import { printable } from "../../text.ts";
import type { Tensor, Weights } from "../types.ts";
import { fileSha256 } from "./file-hash.ts";
import type { TensorInfo } from "./match.ts";
import { looksLikePth, openPth } from "./pth/pth.ts";
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
}

/**
 * Opens .safetensors, model.safetensors.index.json and both kinds of .pth; what a file is, its first bytes say.
 * @throws RunError "weights-unreadable", "weights-pickle".
 */
export async function openWeights(path: string): Promise<WeightsFile> {
	const start = await firstBytes(path);
	if (/\.json$/i.test(path)) return plainNames(await openSharded(path));
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

/** What a file is that cannot be read, as far as its first bytes say. */
function otherFormat(start: Uint8Array, path: string): RunError | undefined {
	const text = Buffer.from(start).toString("latin1");
	const what = text.startsWith("\x89HDF")
		? "an HDF5 file (Keras)"
		: /^\s*</.test(text)
			? `a web page ("${printable(text.trim().slice(0, 40))}…")`
			: text.startsWith("version https://git-lfs")
				? "a Git LFS pointer, not the file itself (git lfs pull fetches it)"
				: text.slice(257, 262) === "ustar"
					? "a tar archive, as PyTorch wrote it before 0.2"
					: /\.onnx$/i.test(path)
						? "an ONNX network, which brings its own weights (backbone: { onnx: … })"
						: undefined;
	if (what === undefined) return undefined;
	return new RunError(
		"weights-unreadable",
		`${path} is ${what}; .safetensors files, model.safetensors.index.json and PyTorch's .pth are read`,
		{
			fix: 'in Python: safetensors.torch.save_file(model.state_dict(), "weights.safetensors")',
		},
	);
}
