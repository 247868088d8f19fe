import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { RunError } from "../../diagnostic.ts";
import type { Tensor } from "../types.ts";
import type { TensorInfo } from "./match.ts";
import type { WeightsFile } from "./open-weights.ts";
import { readSafetensorsHeader, readTensors } from "./safetensors.ts";

/** An index has one line a tensor. */
const MAX_INDEX_BYTES = 64 << 20;

/**
 * The shards that an index names, each once, in the order of their names.
 * @param text of model.safetensors.index.json: `{ "metadata": …, "weight_map": { name: file } }`
 * @returns tensor → file. @throws RunError "weights-unreadable".
 */
export function weightMap(
	text: string,
	path: string,
): ReadonlyMap<string, string> {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (cause) {
		throw unreadable(path, "it is not JSON", cause);
	}
	const map =
		typeof json === "object" && json !== null && "weight_map" in json
			? json.weight_map
			: undefined;
	if (typeof map !== "object" || map === null || Array.isArray(map))
		throw unreadable(path, "it has no weight_map");
	const entries = Object.entries(map);
	// A name with a folder could lead anywhere.
	for (const [name, file] of entries)
		if (typeof file !== "string" || !/^[\w][\w.-]*\.safetensors$/.test(file))
			throw unreadable(
				path,
				`tensor "${name}" is in ${JSON.stringify(file)}, the name of a .safetensors file beside it was expected`,
			);
	if (entries.length === 0) throw unreadable(path, "its weight_map is empty");
	return new Map(entries);
}

/** Tensors in several .safetensors files, found through their index. @throws RunError "weights-unreadable". */
export async function openSharded(path: string): Promise<WeightsFile> {
	if ((await stat(path)).size > MAX_INDEX_BYTES)
		throw unreadable(path, "it is larger than any index");
	const map = weightMap(await readFile(path, "utf8"), path);
	const shards = [...new Set(map.values())].sort();
	const file = (shard: string) => join(dirname(path), shard);
	const tensors: TensorInfo[] = [];
	const found = new Map<string, string>();
	for (const shard of shards) {
		const { entries } = await readSafetensorsHeader(file(shard));
		for (const entry of entries) {
			if (map.get(entry.name) !== shard) continue;
			found.set(entry.name, shard);
			tensors.push(entry);
		}
	}
	for (const [name, shard] of map)
		if (!found.has(name))
			throw unreadable(path, `tensor "${name}" is not in ${shard}`);
	return {
		tensors,
		notes: [],
		files: [path, ...shards.map(file)],
		read: async (names) => {
			const wanted = new Set([...names].map((name) => map.get(name)));
			const read = new Map<string, Tensor>();
			for (const shard of shards) {
				if (!wanted.has(shard)) continue;
				const { tensors: all } = await readTensors(file(shard));
				for (const [name, tensor] of all)
					if (names.has(name) && map.get(name) === shard)
						read.set(name, tensor);
			}
			return read;
		},
	};
}

function unreadable(path: string, what: string, cause?: unknown): RunError {
	return new RunError(
		"weights-unreadable",
		`${path} is no index of .safetensors files: ${what}`,
		{
			fix: "fetch it again, or name the .safetensors file itself",
			cause,
		},
	);
}
