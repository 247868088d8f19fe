import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** Reads what golden/pack.py wrote. */

export interface Entry {
	readonly offset: number;
	readonly shape: readonly number[];
	readonly dtype: "uint8" | "float32";
	/** What Pillow said where it refused. */
	readonly error?: string;
	readonly [note: string]: unknown;
}

export interface Pack {
	readonly names: readonly string[];
	readonly entry: (name: string) => Entry;
	readonly bytes: (name: string) => Uint8Array;
	readonly floats: (name: string) => Float32Array;
}

export function readPack(name: string): Pack {
	const url = (ending: string) =>
		new URL(`./golden/${name}.${ending}`, import.meta.url);
	const index: Record<string, Entry> = JSON.parse(
		readFileSync(url("json"), "utf8"),
	);
	const data = Uint8Array.from(gunzipSync(readFileSync(url("bin.gz"))));
	const entry = (key: string) => {
		if (!index[key]) throw new Error(`golden ${name} has no ${key}`);
		return index[key];
	};
	const size = (key: string) => entry(key).shape.reduce((a, b) => a * b, 1);
	return {
		names: Object.keys(index).filter((key) => key !== "about"),
		entry,
		bytes: (key) => data.subarray(entry(key).offset).subarray(0, size(key)),
		floats: (key) =>
			new Float32Array(data.buffer, entry(key).offset, size(key)),
	};
}

/** Largest and mean absolute difference. */
export function difference(
	a: ArrayLike<number>,
	b: ArrayLike<number>,
): { max: number; mean: number } {
	if (a.length !== b.length)
		throw new Error(`lengths differ: ${a.length} and ${b.length}`);
	let max = 0;
	let sum = 0;
	for (let index = 0; index < a.length; index++) {
		const gap = Math.abs(a[index] - b[index]);
		max = Math.max(max, gap);
		sum += gap;
	}
	return { max, mean: sum / a.length };
}
