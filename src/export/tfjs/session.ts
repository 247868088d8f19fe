import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { openTfjs } from "../../engine/backend.ts";
import type { OrtSession } from "../../engine/ort.ts";
import { packageRoot } from "../../paths.ts";
import type { GraphModelJson } from "./model-json.ts";

/** A network that tfjs-converter has read back from a folder: what a browser will make of it. */

type Converter = typeof import("@tensorflow/tfjs-converter");
type Source = Parameters<Converter["loadGraphModel"]>[0];

/**
 * Opens model.json on wasm, which browsers have too, and asks it as an onnxruntime session is asked: float32
 * [n, 3, h, w], 0 … 1, every output of the signature.
 * @throws RunError "backend-missing"
 */
export async function openGraphModel(folder: string): Promise<OrtSession> {
	const { tf } = await openTfjs("wasm");
	const require = createRequire(join(packageRoot(), "package.json"));
	const { loadGraphModel } = require("@tensorflow/tfjs-converter") as Converter;
	const model = await loadGraphModel(sourceOf(folder));
	const names = Object.keys(signatureOf(model).outputs);
	return {
		async run(data, dims) {
			const found = tf.tidy(() => {
				const nchw = tf.tensor4d(
					data,
					dims as [number, number, number, number],
				);
				const pixels = tf.transpose(nchw, [0, 2, 3, 1]);
				return model.execute({ pixels }, names);
			});
			const tensors = Array.isArray(found) ? found : [found];
			const outputs = tensors.map((tensor, index) => {
				const values = tensor.dataSync() as Float32Array;
				return [
					names[index] ?? "",
					{ data: values, dims: tensor.shape },
				] as const;
			});
			for (const tensor of tensors) tensor.dispose();
			return new Map(outputs);
		},
		async close() {
			model.dispose();
		},
	};
}

/** tfjs's own type says nothing of what is in it. */
function signatureOf(model: { readonly modelSignature: object }) {
	return model.modelSignature as { readonly outputs: Record<string, object> };
}

/** What tf.io hands a model, from the files. */
function sourceOf(folder: string): Source {
	const json = JSON.parse(
		readFileSync(join(folder, "model.json"), "utf8"),
	) as GraphModelJson;
	const [{ paths, weights }] = json.weightsManifest;
	const shards = paths.map((path) => readFileSync(join(folder, path)));
	const weightData = new Uint8Array(
		shards.reduce((sum, { length }) => sum + length, 0),
	);
	let at = 0;
	for (const shard of shards) {
		weightData.set(shard, at);
		at += shard.length;
	}
	const { weightsManifest: _, ...rest } = json;
	const artifacts = {
		...rest,
		weightSpecs: weights,
		weightData: weightData.buffer,
	};
	return { load: async () => artifacts } as unknown as Source;
}
