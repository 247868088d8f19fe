import { sizeOf } from "../../dtypes.ts";
import { type KerasLayerConfig, layersOfConfig, snakeCase } from "./config.ts";
import { BadKeras } from "./faults.ts";
import { type Hdf5, type Hdf5Place, withHdf5 } from "./hdf5.ts";
import {
	inKerasOrder,
	type KerasVariable,
	type KerasVariables,
} from "./variables.ts";

/**
 * What Keras puts into HDF5:
 *
 *   Keras 1 and 2, .h5       layer_names → LAYER, its weight_names → LAYER/layer/kernel:0
 *   a whole model as .h5     the same in model_weights, and model_config
 *   Keras 3, .weights.h5     layers/CLASS_NUMBER/vars/0, 1, …; the attribute name of vars is the layer's
 */

/** A number of values that are read at once. */
const PIECE = 4 << 20;
const MAX_DEPTH = 20;

/** @param config of a .keras archive, where the HDF5 file is part of one. @throws BadKeras. */
export async function readH5Layers(
	place: Hdf5Place,
	config?: readonly KerasLayerConfig[],
): Promise<KerasVariables> {
	return withHdf5(place, (file) => {
		const root = rootOf(file);
		const text = file.texts("", "model_config")?.[0];
		const own =
			config ?? (text === undefined ? undefined : layersOfConfig(text));
		const found: Found[] =
			root === undefined ? [...keras3(file, own)] : [...legacy(file, root)];
		const layers = new Map<string, KerasVariable[]>();
		for (const { layer, name, path } of found) {
			const info = file.describe(path);
			if (info === undefined) throw new BadKeras(`"${path}" is missing`);
			const list = layers.get(layer) ?? [];
			layers.set(layer, list);
			list.push({ name, ...info, read: readerOf(place, path, info.shape) });
		}
		if (layers.size === 0)
			throw new BadKeras(
				"it is HDF5, but holds no weights in the way that Keras writes them",
			);
		return {
			layers: shortNames(layers),
			isOrdered: root !== undefined,
			config: own,
		};
	});
}

/** Without the models around a layer, where that leaves no two layers of one name: stem/stem_conv is stem_conv. */
function shortNames(
	layers: ReadonlyMap<string, readonly KerasVariable[]>,
): KerasVariables["layers"] {
	const short = (layer: string) => layer.slice(layer.lastIndexOf("/") + 1);
	const isUnique = new Set([...layers.keys()].map(short)).size === layers.size;
	return new Map(
		[...layers].map(([layer, list]) => [
			isUnique ? short(layer) : layer,
			inKerasOrder(list),
		]),
	);
}

interface Found {
	readonly layer: string;
	readonly name: string;
	/** Of the dataset. */
	readonly path: string;
}

/** The group that holds `layer_names`; undefined in files of Keras 3. */
function rootOf(file: Hdf5): string | undefined {
	return ["", "model_weights"].find(
		(group) => names(file, group, "layer_names") !== undefined,
	);
}

/** A list of names; one that is longer than HDF5's limit is in pieces: layer_names0, layer_names1 … */
function names(
	file: Hdf5,
	group: string,
	attribute: string,
): readonly string[] | undefined {
	const whole = file.texts(group, attribute);
	if (whole !== undefined) return whole;
	const all: string[] = [];
	for (let part = 0; ; part++) {
		const texts = file.texts(group, `${attribute}${part}`);
		if (texts === undefined) return part === 0 ? undefined : all;
		all.push(...texts);
	}
}

function* legacy(file: Hdf5, root: string): Generator<Found> {
	for (const group of names(file, root, "layer_names") ?? []) {
		const folder = root === "" ? group : `${root}/${group}`;
		for (const weight of names(file, folder, "weight_names") ?? []) {
			const name = weight.replace(/:\d+$/, "");
			const slash = name.lastIndexOf("/");
			yield {
				layer: slash < 0 ? group : name.slice(0, slash),
				name: slash < 0 ? `${group}/${name}` : name,
				path: `${folder}/${weight}`,
			};
		}
	}
}

/** Keras 3 counts the layers of each class: conv2d, conv2d_1 … */
function countedNames(
	config: readonly KerasLayerConfig[] | undefined,
): ReadonlyMap<string, string> {
	const used = new Map<string, number>();
	const counted = new Map<string, string>();
	// The first is the model itself.
	for (const { className, name } of config?.slice(1) ?? []) {
		const snake = snakeCase(className);
		const number = used.get(snake) ?? 0;
		used.set(snake, number + 1);
		counted.set(number === 0 ? snake : `${snake}_${number}`, name);
	}
	return counted;
}

function* keras3(
	file: Hdf5,
	config: readonly KerasLayerConfig[] | undefined,
): Generator<Found> {
	const counted = countedNames(config);
	function* visit(path: string, depth: number): Generator<Found> {
		if (depth > MAX_DEPTH) throw new BadKeras(`"${path}" is nested too deeply`);
		const keys = file.keys(path) ?? [];
		const folder = path.slice(path.lastIndexOf("/") + 1);
		for (const key of keys) {
			const inner = path === "" ? key : `${path}/${key}`;
			// Not the model's: how it was trained, and states of random numbers.
			if (inner === "optimizer" || /^seed_generator/.test(key)) continue;
			if (key !== "vars") yield* visit(inner, depth + 1);
			else {
				const [own] = file.texts(inner, "name") ?? [];
				const layer = own ?? counted.get(folder) ?? folder;
				const numbers = [...(file.keys(inner) ?? [])];
				numbers.sort((a, b) => Number(a) - Number(b));
				for (const number of numbers)
					yield {
						layer,
						name: `${layer}/${number}`,
						path: `${inner}/${number}`,
					};
			}
		}
	}
	yield* visit("", 0);
}

/** Reads a dataset in pieces, so that half a gigabyte is not held twice. */
function readerOf(
	place: Hdf5Place,
	path: string,
	shape: readonly number[],
): KerasVariable["read"] {
	const [rows = 1, ...rest] = shape;
	const width = sizeOf(rest);
	const step = Math.max(1, Math.floor(PIECE / Math.max(1, width)));
	return (piece) =>
		withHdf5(place, (file) => {
			for (let from = 0; from < rows; from += step)
				piece(file.rows(path, from, Math.min(rows, from + step)), from * width);
		}).catch((error: unknown) => {
			throw error instanceof BadKeras
				? new BadKeras(`"${path}" cannot be read: ${error.message}`)
				: error;
		});
}
