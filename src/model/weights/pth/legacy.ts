import type { FileHandle } from "node:fs/promises";
import { KINDS } from "../../dtypes.ts";
import { readFully } from "../read-fully.ts";
import {
	MAX_PICKLE_BYTES,
	type PthContent,
	plainPickle,
	storageOf,
} from "./archive.ts";
import { BadPickle } from "./faults.ts";
import { isSize } from "./globals.ts";
import { unpickle } from "./unpickle.ts";
import { isKind, type PickleValue, type PyStorage } from "./values.ts";

/** How a legacy file begins: the pickle of 0x1950a86a20f9469cfc6c. */
export const LEGACY_START = [
	0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50,
	0x19, 0x2e,
] as const;

/** Bytes that hold the pickles in front of the storages, as far as they are known at first. */
const FIRST_BYTES = 1 << 20;

/**
 * torch.save before 1.6, or with _use_new_zipfile_serialization=False (torch/serialization.py, _legacy_save):
 *
 *   magic │ protocol 1001 │ sys_info │ object │ keys of the storages │ for each key: 8 bytes: elements │ bytes
 *
 * @throws BadPickle, RefusedPickle.
 */
export async function readLegacy(
	file: FileHandle,
	size: number,
): Promise<PthContent> {
	const { value, keys, end, storages } = await readPickles(file, size);
	const places = new Map<string, number>();
	let at = end;
	for (const key of keys) {
		const storage = storages.get(key);
		if (!storage || places.has(key))
			throw new BadPickle(`no tensor is kept in its storage ${key}`);
		const head = new Uint8Array(8);
		if ((await readFully(file, head, at)) < 8)
			throw new BadPickle(`the file ended in front of storage ${key}`);
		const count = Number(new DataView(head.buffer).getBigUint64(0, true));
		const bytes = count * KINDS[storage.dtype].bytes;
		if (count !== storage.size || at + 8 + bytes > size)
			throw new BadPickle(
				`storage ${key} has ${count} elements, ${storage.size} were expected; the file has ${Math.max(0, size - at - 8)} bytes there`,
			);
		places.set(key, at + 8);
		at += 8 + bytes;
	}
	if (at !== size)
		throw new BadPickle(`${size - at} bytes are left behind its last storage`);
	return {
		value,
		readStorage: async ({ key, dtype, size: count }) => {
			const place = places.get(key);
			if (place === undefined) throw new BadPickle(`storage ${key} is missing`);
			const bytes = new Uint8Array(
				new SharedArrayBuffer(count * KINDS[dtype].bytes),
			);
			if ((await readFully(file, bytes, place)) < bytes.length)
				throw new BadPickle(`the file ended within storage ${key}`);
			return bytes;
		},
	};
}

interface Pickles {
	readonly value: PickleValue;
	readonly keys: readonly string[];
	readonly storages: ReadonlyMap<string, PyStorage>;
	/** Where the storages begin. */
	readonly end: number;
}

/** The five pickles say only by their end how long they are, so more of the file is read until they are whole. */
async function readPickles(file: FileHandle, size: number): Promise<Pickles> {
	for (let length = FIRST_BYTES; ; length *= 8) {
		const bytes = new Uint8Array(Math.min(length, size, MAX_PICKLE_BYTES));
		await readFully(file, bytes, 0);
		try {
			return picklesOf(bytes);
		} catch (error) {
			const isAll = bytes.length === Math.min(size, MAX_PICKLE_BYTES);
			if (!(error instanceof BadPickle) || isAll) throw error;
		}
	}
}

function picklesOf(bytes: Uint8Array): Pickles {
	const protocol = plainPickle(bytes, LEGACY_START.length);
	if (protocol.value !== 1001)
		throw new BadPickle(`its protocol is ${String(protocol.value)}, not 1001`);
	const system = plainPickle(bytes, protocol.end);
	if (
		isKind(system.value, "dict") &&
		system.value.entries.get("little_endian") === false
	)
		throw new BadPickle("its numbers are big-endian");
	const storages = new Map<string, PyStorage>();
	const { value, end } = unpickle(
		bytes,
		(id) => {
			const storage = storageOf(id);
			refuseView(id);
			const known = storages.get(storage.key);
			if (
				known &&
				(known.dtype !== storage.dtype || known.size !== storage.size)
			)
				throw new BadPickle(`storage ${storage.key} is named in two ways`);
			storages.set(storage.key, known ?? storage);
			return known ?? storage;
		},
		system.end,
	);
	const list = plainPickle(bytes, end);
	const keys = isKind(list.value, "list") ? list.value.items : [null];
	if (!keys.every((key) => typeof key === "string"))
		throw new BadPickle("it lacks the list of its storages");
	return { value, keys, storages, end: list.end };
}

/** Storages within storages were written until 0.4 only where a user made them by hand. */
function refuseView(id: PickleValue): void {
	const view = isKind(id, "tuple") ? id.items[5] : undefined;
	if (view === undefined || view === null) return;
	const [, offset, size] = isKind(view, "tuple") ? view.items : [];
	const whole = isKind(id, "tuple") ? id.items[4] : undefined;
	if (!isSize(offset) || offset !== 0 || size !== whole)
		throw new BadPickle("it keeps a storage within another one");
}
