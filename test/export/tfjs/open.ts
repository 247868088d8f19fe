import type { FloatTensor } from "../../../src/engine/ort.ts";
import { convertGraph } from "../../../src/export/tfjs/convert.ts";
import {
	type GraphModelFiles,
	graphModelFiles,
	type Quantize,
} from "../../../src/export/tfjs/model-json.ts";
import type { Graph, Weights } from "../../../src/model/types.ts";

/** TensorFlow.js as a page would load it: the union package, or the converter with a core of our own. */
export interface TensorFlow {
	readonly loadGraphModel: (source: object) => Promise<GraphModel>;
	readonly tensor: (data: Float32Array, shape: readonly number[]) => TfTensor;
	readonly transpose: (x: TfTensor, perm: readonly number[]) => TfTensor;
}

interface TfTensor {
	readonly shape: number[];
	readonly dataSync: () => Float32Array;
}

interface GraphModel {
	readonly execute: (inputs: object, outputs: readonly string[]) => TfTensor[];
	readonly dispose: () => void;
}

/** The files of a converted graph. */
export function filesOf(
	graph: Graph,
	weights: Weights,
	quantize?: Quantize,
): GraphModelFiles {
	return graphModelFiles(convertGraph(graph, weights), {
		...{ quantize, program: "Graft", metadata: {} },
	});
}

/** What tfjs makes of an input in ONNX's order; outputs in the order of the signature. */
export async function askTensorFlow(
	tf: TensorFlow,
	{ modelJson, shards }: GraphModelFiles,
	data: Float32Array,
	dims: readonly number[],
): Promise<readonly FloatTensor[]> {
	// As from the files: one text, and bytes.
	const { weightsManifest, ...rest } = JSON.parse(JSON.stringify(modelJson));
	const bytes = Buffer.concat(shards.flatMap((shard) => shard.bytes));
	const weightData = new Uint8Array(bytes).buffer;
	const [{ weights: weightSpecs }] = weightsManifest;
	const load = async () => ({ ...rest, weightSpecs, weightData });
	const model = await tf.loadGraphModel({ load });
	const { inputs, outputs } = modelJson.signature as {
		inputs: object;
		outputs: object;
	};
	const x = tf.tensor(data, dims);
	const input = dims.length === 4 ? tf.transpose(x, [0, 2, 3, 1]) : x;
	const [name = ""] = Object.keys(inputs);
	const found = model.execute({ [name]: input }, Object.keys(outputs));
	const tensors = [found].flat();
	const answers = tensors.map((tensor) => ({
		...{ data: tensor.dataSync(), dims: tensor.shape },
	}));
	model.dispose();
	return answers;
}
