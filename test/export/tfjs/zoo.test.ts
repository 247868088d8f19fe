import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";
import { createSession } from "../../../src/engine/ort.ts";
import { withEnds } from "../../../src/export/with-ends.ts";
import { randomNetwork, randomPixels } from "./networks.ts";
import { askTensorFlow, filesOf, type TensorFlow } from "./open.ts";

/** One of each family on small pictures; up to where the rest is all matrices, which are large and of one kind. */
const FAMILIES: readonly (readonly [
	name: string,
	size: readonly [number, number],
	end?: string,
])[] = [
	["alexnet", [71, 64], "classifier.0"],
	["vgg11_bn", [32, 32], "flatten"],
	["resnet18", [45, 64]],
	["resnext50_32x4d", [32, 32], "layer3.0.relu_2"],
	["squeezenet1_1", [48, 47]],
	["densenet121", [32, 48]],
	["mobilenet_v2", [32, 64]],
	["mobilenet_v3_small", [48, 32]],
	["efficientnet_b0", [32, 32]],
	["efficientnet_lite0", [33, 48]],
	["shufflenet_v2_x1_0", [64, 32]],
	["convnext_tiny", [32, 32], "features.5.1.add"],
	["vit_b_32", [64, 32], "encoder.layers.encoder_layer_0.add_1"],
	["swin_t", [64, 64], "features.3.1.add_1"],
];

/** What a page loads from the npm package, on its plain cpu backend. */
const tf = createRequire(import.meta.url)("@tensorflow/tfjs") as TensorFlow & {
	readonly setBackend: (name: string) => Promise<boolean>;
};

for (const [name, size, end] of FAMILIES)
	test(`${name}: plain @tensorflow/tfjs makes of the export what onnxruntime makes of the network`, async () => {
		await tf.setBackend("cpu");
		const network = randomNetwork(name, size, end);
		const graph = withEnds(network);
		const outputs = graph.outputs.map((output) => output.name);
		// Two photos: the batch is free.
		const dims = [2, 3, ...size];
		const pixels = randomPixels(dims);
		const files = filesOf(graph, network.weights);
		const [answer] = await askTensorFlow(tf, files, pixels, dims);
		const session = await createSession(graph, network.weights, {
			...{ outputs, intraOpThreads: 2 },
		});
		const expected = (await session.run(pixels, dims)).get(outputs[0] ?? "");
		await session.close();
		assert.ok(answer && expected);
		assert.deepEqual(answer.dims, expected.dims);
		const largest = expected.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
		let off = 0;
		expected.data.forEach((value, at) => {
			off = Math.max(off, Math.abs(value - Number(answer.data[at])));
		});
		assert.ok(largest > 0 && off < 1e-4 * largest, `${off} of ${largest}`);
	});
