import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { createSession } from "../../src/engine/ort.ts";
import { openBackbone } from "../../src/model/backbone.ts";
import type { Backbone, Preprocess } from "../../src/model/types.ts";
import { needs } from "../support/needs.ts";
import { python } from "./python.ts";

/**
 * The zoo's networks with weights that Keras saved give Keras's logits, from the same pixels: names, layouts, padding,
 * strides, epsilons and preprocessing. keras_networks.py answers.
 */

const keras = needs("keras");

const NETWORKS = [
	// Neither size is even all the way down, so that TensorFlow's padding is seen on both sides.
	{
		name: "mobilenet_v2",
		size: [161, 192],
		files: ["h5", "weights.h5", "keras", "tfjs", "tfjs-packed"],
	},
	{ name: "mobilenet_v3_small", size: [161, 192], files: ["h5"] },
	{ name: "efficientnet_b0", size: [161, 192], files: ["keras"] },
	{ name: "resnet50", size: [97, 128], files: ["keras"] },
	{ name: "densenet121", size: [96, 96], files: ["h5"] },
	{ name: "convnext_tiny", size: [96, 96], files: ["h5"] },
	// Half a gigabyte, for its classifier reads what was flattened from [h, w, c].
	{ name: "vgg16", size: [224, 224], files: ["weights.h5"] },
] as const;

const folder = mkdtempSync(join(tmpdir(), "graft-keras-"));
let answers: Record<string, Record<string, readonly number[]>>;

before(async () => {
	if (keras.missing) return;
	const published = {
		name: "efficientnet_b0",
		files: ["keras", "published.weights.h5"],
	};
	const networks = NETWORKS.map((network) =>
		network.name === published.name ? { ...network, ...published } : network,
	);
	const request = { folder, networks };
	answers = await python(keras.path, "keras_networks.py", request);
});

after(() => rmSync(folder, { recursive: true }));

const open = (
	backbone: string,
	file: string,
	inputSize: readonly [number, number],
) =>
	openBackbone(
		{
			backbone,
			weights: join(
				folder,
				`${backbone}.${file}`,
				...(file.startsWith("tfjs") ? ["model.json"] : []),
			),
		} as Parameters<typeof openBackbone>[0],
		0,
		{ inputSize, cache: join(folder, "cache") },
	);

for (const { name, size, files } of NETWORKS)
	for (const file of files)
		test(`${name} from Keras's .${file} gives Keras's logits`, {
			skip: keras.missing,
		}, async () => {
			const network = await open(name, file, size);
			assert.deepEqual(network.weightsNotes, undefined);
			const output = network.graph.outputs[0]?.name ?? "";
			const session = await createSession(
				network.graph,
				await network.loadWeights(),
				{ outputs: [output], intraOpThreads: 1 },
			);
			const photo = pixels(size, network.preprocess);
			const actual = (await session.run(photo, [1, 3, ...size])).get(output);
			await session.close();
			const expected = answers[name]?.[file] ?? [];
			assert.equal(expected.length, 1000);
			const largest = Math.max(...expected.map(Math.abs));
			expected.forEach((logit, index) => {
				const own = actual?.data[index] ?? Number.NaN;
				assert.ok(
					Math.abs(own - logit) < 1e-4 * largest,
					`logit ${index} is ${own}, ${logit} of ${largest} was expected`,
				);
			});
		});

test("Keras's published EfficientNets hold deviations in the place of variances, which is seen from the weights alone", {
	skip: keras.missing,
}, async () => {
	const { preprocess }: Backbone = await open(
		"efficientnet_b0",
		"published.weights.h5",
		[161, 192],
	);
	assert.deepEqual(preprocess.mean, [0.485, 0.456, 0.406]);
	assert.deepEqual(preprocess.std, [0.229, 0.224, 0.225]);
});

/** The script's photo as it enters the network, [3, h, w]. */
function pixels(
	[height, width]: readonly [number, number],
	{ mean, std, scale, channels }: Preprocess,
): Float32Array {
	const area = height * width;
	const photo = new Float32Array(3 * area);
	for (let index = 0; index < area; index++)
		for (let channel = 0; channel < 3; channel++) {
			const colour = channels === "BGR" ? 2 - channel : channel;
			const pixel = ((3 * index + colour) * 7919) % 256;
			photo[channel * area + index] =
				((pixel / 255) * scale - (mean[channel] as number)) /
				(std[channel] as number);
		}
	return photo;
}
