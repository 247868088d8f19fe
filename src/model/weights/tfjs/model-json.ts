import { closeSync, openSync, readSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { sizeOf } from "../../dtypes.ts";
import { type KerasLayerConfig, layersOfModel } from "../keras/config.ts";
import { BadKeras } from "../keras/faults.ts";
import {
	inKerasOrder,
	type KerasVariable,
	type KerasVariables,
} from "../keras/variables.ts";
import { graphModelName, layersModelName } from "./layer-names.ts";
import {
	decoded,
	type Manifest,
	readManifest,
	type TfjsWeight,
	widthOf,
} from "./manifest.ts";

/** Elements that are read at once. */
const PIECE = 4 << 20;

/** A TensorFlow.js model: model.json with its shards beside it. */
export interface TfjsModel {
	readonly variables: KerasVariables;
	/** Paths of the shards, each once. */
	readonly shards: readonly string[];
}

/** @param path of model.json, of which `json` is what it says. @throws BadKeras. */
export function openTfjsModel(json: object, path: string): TfjsModel {
	const { weightsManifest, modelTopology, format } = json as Record<
		string,
		unknown
	>;
	const manifest = readManifest(weightsManifest);
	const files = manifest.groups.map((shards) =>
		shards.map((shard) => shardAt(join(dirname(path), shard), shard)),
	);
	checkSizes(manifest, files);
	const isGraph = format === "graph-model";
	const layers = new Map<string, KerasVariable[]>();
	for (const weight of manifest.weights) {
		const named = isGraph
			? graphModelName(weight.name)
			: layersModelName(weight.name);
		if (named === undefined) continue;
		const { layer, variable } = named;
		const list = layers.get(layer) ?? [];
		layers.set(layer, list);
		list.push({
			name: `${layer}/${variable}`,
			shape: weight.shape,
			dtype: "float32",
			read: async (piece) =>
				readWeight(files[weight.group] ?? [], weight, piece),
		});
	}
	return {
		variables: {
			layers: new Map(
				[...layers].map(([layer, list]) => [layer, inKerasOrder(list)]),
			),
			isOrdered: !isGraph,
			config: isGraph ? undefined : configOf(modelTopology),
		},
		shards: [...new Set(files.flat().map(({ path }) => path))],
	};
}

/** The topology is Keras's model_config, alone or with who wrote it. */
function configOf(topology: unknown): readonly KerasLayerConfig[] | undefined {
	if (typeof topology !== "object" || topology === null) return undefined;
	return layersOfModel(
		"model_config" in topology ? topology.model_config : topology,
	);
}

interface Shard {
	readonly path: string;
	readonly size: number;
}

function shardAt(path: string, name: string): Shard {
	const found = statSync(path, { throwIfNoEntry: false });
	if (!found?.isFile())
		throw new BadKeras(
			`its shard ${name} is not beside it; a model.json is copied or fetched with all its .bin files`,
		);
	return { path, size: found.size };
}

function checkSizes(
	{ weights }: Manifest,
	files: readonly (readonly Shard[])[],
): void {
	files.forEach((shards, group) => {
		const size = shards.reduce((sum, shard) => sum + shard.size, 0);
		const last = weights.findLast((weight) => weight.group === group);
		const needed = last?.end ?? 0;
		if (size !== needed)
			throw new BadKeras(
				`its weights need ${needed} bytes, the shards of group ${group} have ${size}`,
			);
	});
}

function readWeight(
	shards: readonly Shard[],
	weight: TfjsWeight,
	piece: Parameters<KerasVariable["read"]>[0],
): void {
	const width = widthOf(weight);
	// Whole rows, as those who turn kernels want them; a depthwise kernel is [h, w, c, 1].
	const [before = 1, last = 1] = weight.shape.slice(-2);
	const row = Math.max(1, weight.shape.length > 1 && last > 1 ? last : before);
	const step = Math.max(1, Math.floor(PIECE / Math.max(1, row))) * row;
	const count = sizeOf(weight.shape);
	for (let start = 0; start < count; start += step) {
		const end = Math.min(count, start + step);
		const bytes = readRange(
			shards,
			weight.begin + start * width,
			weight.begin + end * width,
		);
		piece(decoded(bytes, weight), start);
	}
}

/** Bytes of shards that lie one behind the other. */
function readRange(
	shards: readonly Shard[],
	begin: number,
	end: number,
): Uint8Array {
	const bytes = new Uint8Array(end - begin);
	let start = 0;
	for (const { path, size } of shards) {
		const [from, to] = [Math.max(begin, start), Math.min(end, start + size)];
		if (from < to) {
			const file = openSync(path, "r");
			try {
				let done = 0;
				while (done < to - from) {
					const read = readSync(
						file,
						bytes,
						from - begin + done,
						to - from - done,
						from - start + done,
					);
					if (read === 0) throw new BadKeras(`${path} was cut off meanwhile`);
					done += read;
				}
			} finally {
				closeSync(file);
			}
		}
		start += size;
	}
	return bytes;
}
