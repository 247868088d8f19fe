import type { FileHandle } from "node:fs/promises";
import { printable } from "../../../text.ts";
import { KINDS } from "../../dtypes.ts";
import type { Tensor, Weights } from "../../types.ts";
import type { TensorInfo } from "../match.ts";
import { type PthContent, readArchive } from "./archive.ts";
import { BadPickle, faultOf } from "./faults.ts";
import { LEGACY_START, readLegacy } from "./legacy.ts";
import { stridedTensor } from "./strided.ts";
import {
	describe,
	isKind,
	type PyDict,
	type PyStorage,
	type PyTensor,
} from "./values.ts";

/** A .pth file, its values not read yet. */
export interface PthFile {
	readonly tensors: readonly TensorInfo[];
	/** Key of the checkpoint under which the state_dict was found. */
	readonly nestedIn: string | undefined;
	/**
	 * The named tensors, storage after storage: those of one storage share its memory. The file must be open.
	 * @throws RunError "weights-unreadable".
	 */
	readonly read: (names: ReadonlySet<string>) => Promise<Weights>;
}

/** Keys under which checkpoints keep their state_dict. */
const NESTED = ["state_dict", "model_state_dict", "model"] as const;

/** Whether a file begins like torch.save's, of either format, or like any pickle. */
export function looksLikePth(start: Uint8Array): boolean {
	return isZip(start) || (start[0] === 0x80 && (start[1] ?? 255) <= 5);
}

/** Whether a file begins like a zip archive. */
export function isZip(start: Uint8Array): boolean {
	return [0x50, 0x4b, 0x03, 0x04].every((byte, at) => start[at] === byte);
}

/** @param start the file's first 16 bytes. @throws RunError "weights-unreadable", "weights-pickle". */
export async function openPth(
	file: FileHandle,
	start: Uint8Array,
	path: string,
): Promise<PthFile> {
	try {
		const { size } = await file.stat();
		const content = await readContent(file, size, start);
		const { dict, nestedIn } = stateDictOf(content);
		const tensors = new Map<string, PyTensor>();
		for (const [name, value] of dict.entries)
			if (typeof name === "string" && isKind(value, "tensor"))
				tensors.set(name, value);
		return {
			nestedIn,
			tensors: [...tensors].map(([name, { storage, shape }]) => ({
				name,
				dtype: storage.dtype,
				shape,
			})),
			read: (names) =>
				readTensors(content, tensors, names).catch((error: unknown) => {
					throw faultOf(error, path);
				}),
		};
	} catch (error) {
		throw faultOf(error, path);
	}
}

function readContent(
	file: FileHandle,
	size: number,
	start: Uint8Array,
): Promise<PthContent> {
	if (isZip(start)) return readArchive(file, size);
	if (LEGACY_START.every((byte, at) => start[at] === byte))
		return readLegacy(file, size);
	throw new BadPickle("it is a pickle, but none that torch.save wrote");
}

/** The dict that holds tensors: the file's own, or that of a checkpoint. */
function stateDictOf({ value }: PthContent): {
	readonly dict: PyDict;
	readonly nestedIn: string | undefined;
} {
	if (!isKind(value, "dict"))
		throw new BadPickle(
			`it holds ${describe(value)}, a state_dict (names and tensors) was expected`,
		);
	for (const key of NESTED) {
		const inner = value.entries.get(key);
		if (isKind(inner, "dict")) return { dict: inner, nestedIn: key };
	}
	const holdsTensors = [...value.entries.values()].some((item) =>
		isKind(item, "tensor"),
	);
	if (!holdsTensors) {
		const keys = [...value.entries.keys()].slice(0, 8).map(String);
		throw new BadPickle(
			`it holds no tensors by name: its keys are ${printable(keys.join(", ")) || "none"}; a state_dict is looked for there and under ${NESTED.join(", ")}`,
		);
	}
	return { dict: value, nestedIn: undefined };
}

function bytesIn({ dtype, size }: PyStorage): number {
	return size * KINDS[dtype].bytes;
}

/** Each storage is read once. */
async function readTensors(
	{ readStorage }: PthContent,
	tensors: ReadonlyMap<string, PyTensor>,
	names: ReadonlySet<string>,
): Promise<Weights> {
	const byStorage = new Map<string, [string, PyTensor][]>();
	for (const [name, tensor] of tensors) {
		if (!names.has(name)) continue;
		const { key } = tensor.storage;
		byStorage.set(key, [...(byStorage.get(key) ?? []), [name, tensor]]);
	}
	const read = new Map<string, Tensor>();
	for (const views of byStorage.values()) {
		// Since 2.0 one storage may be seen as several element types.
		const [widest] = views
			.map(([, { storage }]) => storage)
			.sort((a, b) => bytesIn(b) - bytesIn(a));
		const bytes = await readStorage(widest as PyStorage);
		for (const [name, tensor] of views)
			read.set(name, stridedTensor(tensor, bytes));
	}
	return read;
}
