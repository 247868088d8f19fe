import { statSync } from "node:fs";
import { join } from "node:path";
import { createSession } from "../../engine/ort.ts";
import { readOnnx } from "../../model/onnx/read.ts";
import { writeOnnx } from "../../model/onnx/write.ts";
import { writeWhole } from "../../write-whole.ts";
import { withEnds } from "../with-ends.ts";
import type { Writer } from "../writer.ts";

/** One file for onnxruntime, normalisation and probabilities inside, classes and transforms in its metadata. */
export const onnxWriter: Writer = (network) => async (folder) => {
	const name = "model.onnx";
	const file = join(folder, name);
	writeWhole(
		file,
		writeOnnx(withEnds(network), network.weights, {
			"graft.run_id": network.runId,
			"graft.classes": JSON.stringify(network.classNames),
			"graft.transforms": JSON.stringify(network.transforms),
		}),
	);
	return {
		...{ files: [name], bytes: statSync(file).size },
		async open() {
			const { graph, weights } = await readOnnx(file);
			const outputs = graph.outputs.map((output) => output.name);
			return createSession(graph, weights, { outputs, intraOpThreads: 2 });
		},
		...{ isNormalizing: true, layout: "nchw" },
		howToOpen: `\`\`\`python
import json, onnxruntime
session = onnxruntime.InferenceSession("model.onnx")
logits, *_ = session.run(None, {"pixels": pixels})      # numpy float32
print(json.load(open("classes.json"))[logits[0].argmax()])
\`\`\``,
	};
};
