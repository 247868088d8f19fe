import type { FileHandle } from "node:fs/promises";
import { KINDS } from "../../dtypes.ts";
import { BadPickle, RefusedPickle } from "./faults.ts";
import { isSize } from "./globals.ts";
import { type Unpickled, unpickle } from "./unpickle.ts";
import { isKind, type PickleValue, type PyStorage } from "./values.ts";
import { readZipDirectory, readZipEntry } from "./zip.ts";

/** What a .pth file of either format holds. */
export interface PthContent {
	readonly value: PickleValue;
	/** The bytes of a storage, little-endian, in memory that threads share. @throws BadPickle. */
	readonly readStorage: (storage: PyStorage) => Promise<Uint8Array>;
}

/** A state_dict's pickle has some kB; more is no state_dict. */
export const MAX_PICKLE_BYTES = 64 << 20;

/**
 * torch.save since 1.6 (torch/serialization.py, _save):
 *
 *   NAME/data.pkl │ NAME/byteorder │ NAME/data/KEY, one entry a storage │ NAME/version
 *
 * @throws BadPickle, RefusedPickle.
 */
export async function readArchive(
	file: FileHandle,
	size: number,
): Promise<PthContent> {
	const entries = await readZipDirectory(file, size);
	const pickles = [...entries.keys()].filter((name) =>
		/^[^/]+\/data\.pkl$/.test(name),
	);
	const [pickle] = pickles;
	if (pickle === undefined || pickles.length > 1)
		throw new BadPickle(
			"it is a zip archive, but none that torch.save wrote: it holds no data.pkl",
		);
	const folder = pickle.slice(0, -"data.pkl".length);
	if (entries.has(`${folder}constants.pkl`))
		throw new BadPickle(
			"it is a TorchScript program (torch.jit.save), which holds code; save the module's state_dict instead",
		);
	const read = async (name: string) => {
		const entry = entries.get(name);
		if (!entry) throw new BadPickle(`"${name}" is missing`);
		return readZipEntry(file, size, entry);
	};
	const order = `${folder}byteorder`;
	if (
		entries.has(order) &&
		Buffer.from(await read(order)).toString() !== "little"
	)
		throw new BadPickle("its numbers are big-endian");
	if ((entries.get(pickle)?.size ?? 0) > MAX_PICKLE_BYTES)
		throw new BadPickle("its pickle is larger than that of any weights");
	const { value } = unpickle(await read(pickle), (id) => storageOf(id));
	return {
		value,
		readStorage: async ({ key, dtype, size: count }) => {
			const bytes = await read(`${folder}data/${key}`);
			const needed = count * KINDS[dtype].bytes;
			if (bytes.length < needed)
				throw new BadPickle(
					`storage ${key} needs ${needed} bytes, it has ${bytes.length}`,
				);
			return bytes.subarray(0, needed);
		},
	};
}

/** `("storage", type, key, location, size)`; the legacy format adds a view, of one storage within another. */
export function storageOf(id: PickleValue): PyStorage {
	const [word, type, key, , size] = isKind(id, "tuple") ? id.items : [];
	if (word === "module")
		throw new RefusedPickle("a whole module with its source code");
	if (
		word !== "storage" ||
		!isKind(type, "callable") ||
		type.dtype === undefined ||
		typeof key !== "string" ||
		!isSize(size)
	)
		throw new BadPickle("a persistent id names no storage");
	return { kind: "storage", key, dtype: type.dtype, size };
}

/** A pickle that must hold nothing but plain data. */
export function plainPickle(bytes: Uint8Array, start: number): Unpickled {
	return unpickle(bytes, undefined, start);
}
