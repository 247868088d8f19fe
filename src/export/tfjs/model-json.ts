import { toHalves } from "../../features/half.ts";
import { bytesOf } from "../../model/dtypes.ts";
import { shapeDef } from "./builder.ts";
import type { Constant, Signature, TfGraph } from "./types.ts";

/** What a converted network is on the disk: model.json and shards of weights, as tf.loadGraphModel reads them. */

/** How large a shard is, as the TensorFlow.js converter makes them: a browser fetches several at once and keeps each. */
const SHARD_BYTES = 4 * 1024 * 1024;
/** The largest float16. */
const LARGEST_HALF = 65504;

/** How weights are kept. */
export type Quantize = "float16";

/** A network as files, by name. */
export interface GraphModelFiles {
	readonly modelJson: GraphModelJson;
	readonly shards: readonly {
		readonly name: string;
		readonly bytes: readonly Uint8Array[];
	}[];
	readonly weightBytes: number;
}

/** https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts, ModelJSON. */
export interface GraphModelJson {
	readonly format: "graph-model";
	readonly generatedBy: string;
	readonly convertedBy: string;
	readonly modelTopology: object;
	readonly signature: object;
	readonly weightsManifest: readonly [
		{ readonly paths: readonly string[]; readonly weights: readonly object[] },
	];
	readonly userDefinedMetadata: object;
}

/**
 * @param quantize "float16" halves filters and matrices; what is small, or larger than a float16 can be, stays float32.
 * @param program "Graft 0.1.0"
 */
export function graphModelFiles(
	graph: TfGraph,
	options: {
		readonly quantize: Quantize | undefined;
		readonly program: string;
		readonly metadata: object;
	},
): GraphModelFiles {
	const { quantize, program, metadata } = options;
	const stored = [...graph.constants].map(([name, constant]) =>
		store(name, constant, quantize),
	);
	const weightBytes = stored.reduce((sum, { bytes }) => sum + bytes.length, 0);
	const pieces = cut(stored.map(({ bytes }) => bytes));
	const shards = pieces.map((bytes, index) => ({
		name: `group1-shard${index + 1}of${pieces.length}.bin`,
		bytes,
	}));
	const signatureOf = ({ name, shape }: Signature) => ({
		name: `${name}:0`,
		dtype: "DT_FLOAT",
		tensorShape: shapeDef(shape),
	});
	const modelJson: GraphModelJson = {
		...{ format: "graph-model", generatedBy: program, convertedBy: program },
		modelTopology: {
			node: graph.nodes,
			library: {},
			versions: { producer: 1482 },
		},
		signature: {
			inputs: { [graph.input.name]: signatureOf(graph.input) },
			outputs: Object.fromEntries(
				graph.outputs.map((output) => [output.name, signatureOf(output)]),
			),
		},
		weightsManifest: [
			{
				paths: shards.map(({ name }) => name),
				weights: stored.map(({ spec }) => spec),
			},
		],
		userDefinedMetadata: metadata,
	};
	return { modelJson, shards, weightBytes };
}

interface Stored {
	readonly spec: object;
	readonly bytes: Uint8Array;
}

function store(
	name: string,
	constant: Constant,
	quantize: Quantize | undefined,
): Stored {
	const { dtype, shape, data } = constant;
	const spec = { name, shape, dtype };
	const isHalved =
		quantize === "float16" &&
		dtype === "float32" &&
		shape.length >= 2 &&
		data.every((value) => Math.abs(value) <= LARGEST_HALF);
	if (!isHalved) return { spec, bytes: bytesOf(data) };
	const quantization = { dtype: "float16", original_dtype: "float32" };
	return {
		spec: { ...spec, quantization },
		bytes: bytesOf(toHalves(data)),
	};
}

/** The bytes of all weights as one, cut into shards, without a copy. */
function cut(all: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
	const shards: Uint8Array[][] = [[]];
	let room = SHARD_BYTES;
	for (const bytes of all)
		for (let from = 0; from < bytes.length; ) {
			if (room === 0) {
				shards.push([]);
				room = SHARD_BYTES;
			}
			const part = bytes.subarray(from, from + room);
			shards.at(-1)?.push(part);
			from += part.length;
			room -= part.length;
		}
	return shards;
}
