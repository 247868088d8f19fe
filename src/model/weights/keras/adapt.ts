import { RunError } from "../../../diagnostic.ts";
import { printable } from "../../../text.ts";
import { sizeOf } from "../../dtypes.ts";
import type { Graph, Preprocess, Tensor, Weights } from "../../types.ts";
import type { WeightsFile } from "../open-weights.ts";
import { type Expected, expectedOf } from "./expected.ts";
import { KERAS_NAMES, type KerasFamily, kerasFamily } from "./families.ts";
import { kerasFault } from "./faults.ts";
import { kerasPreprocess, normalizationOf } from "./preprocess.ts";
import { putTransposed } from "./transpose.ts";
import type { KerasVariable, KerasVariables } from "./variables.ts";
import { kerasGraph } from "./variant.ts";

/** A zoo network with the weights of Keras's: torchvision's names and shapes, Keras's arithmetic and preprocessing. */
export interface Adapted {
	readonly graph: Graph;
	readonly preprocess: Preprocess;
	/** Its tensors are torchvision's. */
	readonly file: WeightsFile;
}

/** Names listed in one message. */
const SHOWN = 6;

/** @throws RunError "weights-family" where Keras has no such network, "weights-mismatch" where the file holds another. */
export async function adaptKeras(
	{ name, graph, preprocess }: Zoo,
	file: WeightsFile & { readonly keras: KerasVariables },
	path: string,
): Promise<Adapted> {
	const family = kerasFamily(name, graph);
	if (family === undefined) throw noFamily(name, path);
	const { keras } = file;
	const expected = expectedOf(graph, family);
	const { layers, notes } = namedLayers(keras, expected, family);
	const problem = mismatch(name, expected, family, { ...keras, layers }, path);
	if (problem) throw problem;
	try {
		const own = await kerasPreprocess(family, preprocess, keras);
		if (own === undefined)
			throw doesNotFit(name, path, [
				"missing: the mean and variance of its normalization layer",
			]);
		return {
			graph: kerasGraph(graph, family),
			preprocess: own,
			file: {
				tensors: expected.map(({ name, shape }) => ({
					...{ name, shape, dtype: "float32" as const },
				})),
				notes: [...file.notes, ...notes],
				files: file.files,
				read: (names) =>
					readAll(expected, layers, names).catch((error: unknown) => {
						throw kerasFault(error, path);
					}),
			},
		};
	} catch (error) {
		throw kerasFault(error, path);
	}
}

/** What is known of the zoo's network. */
interface Zoo {
	readonly name: string;
	readonly graph: Graph;
	readonly preprocess: Preprocess;
}

type Layers = KerasVariables["layers"];

/** Layers by Keras's names of today; a file with other names is read in its order, as Keras reads it. */
function namedLayers(
	keras: KerasVariables,
	expected: readonly Expected[],
	{ stridesFirst }: KerasFamily,
): { readonly layers: Layers; readonly notes: readonly string[] } {
	const { layers } = keras;
	const wanted = [...new Set(expected.map(({ layer }) => layer))];
	const asTheyAre = { layers, notes: [] };
	// A residual block's layers do not stand in one line.
	if (!keras.isOrdered || stridesFirst) return asTheyAre;
	if (wanted.every((layer) => layers.has(layer))) return asTheyAre;
	const inside = normalizationOf(keras);
	const given = [...layers.keys()].filter((layer) => layer !== inside);
	if (given.length !== wanted.length) return asTheyAre;
	const renamed = new Map(
		wanted.map((layer, at) => [layer, layers.get(given[at] ?? "") ?? []]),
	);
	const fits = expected.every(({ layer, index, kerasShape }) =>
		sameShape(renamed.get(layer)?.[index]?.shape, kerasShape),
	);
	if (!fits) return asTheyAre;
	return {
		layers: renamed,
		notes: [
			"its layers have other names than Keras's own today and were taken in their order, as Keras does",
		],
	};
}

function mismatch(
	name: string,
	expected: readonly Expected[],
	{ foldsBias }: KerasFamily,
	keras: KerasVariables,
	path: string,
): RunError | undefined {
	const { layers } = keras;
	const missing: string[] = [];
	const wrong: string[] = [];
	const used = new Set<KerasVariable>();
	for (const { layer, index, variable, kerasShape } of expected) {
		const found = layers.get(layer)?.[index];
		if (found === undefined) missing.push(variable);
		else {
			used.add(found);
			if (!sameShape(found.shape, kerasShape))
				wrong.push(
					`${variable} ([${found.shape}] in the file, [${kerasShape}] in the network)`,
				);
		}
	}
	if (foldsBias)
		for (const { minusBiasOf = "", kerasShape } of expected) {
			const bias = layers.get(minusBiasOf)?.[1];
			if (bias && sameShape(bias.shape, kerasShape)) used.add(bias);
		}
	const inside = normalizationOf(keras);
	const unexpected = [...layers]
		.filter(([layer]) => layer !== inside)
		.flatMap(([, list]) => list)
		.filter((variable) => !used.has(variable))
		.map((variable) => variable.name);
	const parts = [
		list("missing", missing),
		list("unexpected", unexpected),
		list("of another shape", wrong),
	].filter((part) => part !== "");
	return parts.length === 0 ? undefined : doesNotFit(name, path, parts);
}

function doesNotFit(
	name: string,
	path: string,
	parts: readonly string[],
): RunError {
	return new RunError(
		"weights-mismatch",
		`${path} does not hold the weights of Keras's ${name}; ${parts.join("; ")}`,
		{
			fix: "save the network of keras.applications with its 1000-class classifier (include_top=True); a model with layers of its own around it is exported to .onnx (model.export) and given as backbone: { onnx: … }",
		},
	);
}

function noFamily(name: string, path: string): RunError {
	const isLite = name === "efficientnet_lite0";
	return new RunError(
		"weights-family",
		`${path} is a Keras file, and keras.applications has no ${name}`,
		{
			fix: isLite
				? "write weights: default, which come with Graft"
				: `weights of Keras serve ${KERAS_NAMES}; for any other Keras model export it to .onnx (model.export) and write backbone: { onnx: … }`,
		},
	);
}

/** Shapes whose values lie the same way are the same, whatever ones stand in them: a 1x1 convolution on one pixel is a matrix, a depthwise kernel is [h, w, c, 1] or, as a convolution in groups, [h, w, 1, c]. */
function sameShape(
	given: readonly number[] | undefined,
	wanted: readonly number[],
): boolean {
	const plain = (shape: readonly number[]) =>
		shape.filter((size) => size !== 1);
	return given !== undefined && plain(given).join() === plain(wanted).join();
}

async function readAll(
	expected: readonly Expected[],
	layers: Layers,
	names: ReadonlySet<string>,
): Promise<Weights> {
	const read = new Map<string, Tensor>();
	for (const wanted of expected) {
		if (!names.has(wanted.name)) continue;
		const { name, shape, layer, index, turned, minusBiasOf } = wanted;
		const data = new Float32Array(new SharedArrayBuffer(4 * sizeOf(shape)));
		const variable = layers.get(layer)?.[index] as KerasVariable;
		await variable.read((values, start) => {
			if (turned === undefined) data.set(values, start);
			else {
				const { columns, places } = turned;
				putTransposed(data, values, start / columns, columns, places);
			}
		});
		// (x + bias - mean) / deviation, with the bias in the mean.
		await layers.get(minusBiasOf ?? "")?.[1]?.read((values, start) => {
			for (let at = 0; at < values.length; at++)
				data[start + at] =
					(data[start + at] as number) - (values[at] as number);
		});
		read.set(name, { dtype: "float32", shape, data });
	}
	return read;
}

function list(what: string, names: readonly string[]): string {
	if (names.length === 0) return "";
	const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
	return `${what}: ${printable(names.slice(0, SHOWN).join(", "))}${more}`;
}
