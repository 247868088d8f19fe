import { join } from "node:path";
import { graftVersion } from "../../versions.ts";
import { writeWhole } from "../../write-whole.ts";
import type { WholeNetwork } from "../network.ts";
import { convertGraph } from "../tfjs/convert.ts";
import { graphModelFiles } from "../tfjs/model-json.ts";
import { openGraphModel } from "../tfjs/session.ts";
import { WEB_FILE, writeWebPage } from "../web/page.ts";
import { withEnds } from "../with-ends.ts";
import type { Writer } from "../writer.ts";

/** A graph model for TensorFlow.js, normalisation and probabilities inside, and a page that asks it. */
export const tfjsWriter: Writer = (network, { record, prepared }, options) => {
	const graph = convertGraph(withEnds(network), network.weights);
	const { modelJson, shards, weightBytes } = graphModelFiles(graph, {
		quantize: options.quantize,
		program: `Graft ${graftVersion()}`,
		metadata: {
			// What tfjs's predict calls its results.
			structuredOutputKeys: graph.outputs.map(({ name }) => name),
			run_id: network.runId,
			classes: network.classNames,
			transforms: network.transforms,
		},
	});
	return async (folder) => {
		const text = JSON.stringify(modelJson);
		for (const { name, bytes } of shards) writeWhole(join(folder, name), bytes);
		writeWhole(join(folder, "model.json"), text);
		const bytes = weightBytes + Buffer.byteLength(text);
		const { experiment } = record;
		const { exif } = prepared.loaded.experiment.data;
		return {
			files: ["model.json", ...shards.map(({ name }) => name)],
			bytes,
			open: () => openGraphModel(folder),
			finish() {
				writeWebPage(folder, {
					...{ title: experiment.name, exif, modelBytes: bytes },
					classNames: network.classNames,
					transforms: network.transforms,
					...{ isMultiLabel: network.isMultiLabel, runId: network.runId },
				});
				return [WEB_FILE];
			},
			...(options.quantize && {
				fix: "leave --quantize out: this network's answers do not survive weights that are rounded to float16",
			}),
			...{ isNormalizing: true, layout: "nhwc" },
			howToOpen: howToOpen(network, options.quantize === "float16"),
		};
	};
};

function howToOpen(
	{ inputShape, hasProbabilities }: WholeNetwork,
	isHalved: boolean,
): string {
	const [, height = 0, width = 0] = inputShape;
	const outputs = hasProbabilities ? "logits, probabilities" : "logits";
	return `\`\`\`js
import * as tf from "@tensorflow/tfjs";
const model = await tf.loadGraphModel("model.json");
const classes = await (await fetch("classes.json")).json();
// an image, canvas or ImageData of ${width} x ${height} pixels, after the transforms above
const pixels = tf.tidy(() => tf.browser.fromPixels(image).toFloat().div(255).expandDims(0));
const { ${outputs} } = model.predict(pixels);
console.log(classes[(await logits.argMax(1).data())[0]]);
\`\`\`

The network is in \`model.json\` and its shards${isHalved ? ", its filters and matrices as float16 (tfjs computes in float32)" : ""}. \`${WEB_FILE}\` is a page that classifies photos dropped on it, with these transforms; nothing leaves the browser.`;
}
