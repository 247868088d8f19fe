import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A graph-model of TensorFlow.js as `graft export --to tfjs` writes them, small enough to be made by hand:
 *
 *   pixels [n, h, w, 3], 0 … 1 ─ mean of height and width ─ [n, 3] · weights [3, k] ─ logits ─ softmax ─ probabilities
 *
 * Answers the bytes of its files.
 */
export function writeTinyModel(
	folder: string,
	size: number,
	weights: readonly (readonly number[])[],
	/** `none`: a head that gives logits alone. */
	end: "Softmax" | "Sigmoid" | "none" = "Softmax",
): number {
	const k = weights[0]?.length ?? 0;
	const constant = (name: string, dtype: string) => ({
		name,
		op: "Const",
		attr: { dtype: { type: dtype }, value: { tensor: { dtype } } },
	});
	const float = { type: "DT_FLOAT" };
	const dims = (...sizes: readonly number[]) => ({
		shape: { dim: sizes.map((each) => ({ size: String(each) })) },
	});
	const topology = {
		node: [
			{
				name: "pixels",
				op: "Placeholder",
				attr: { dtype: float, shape: dims(-1, size, size, 3) },
			},
			constant("axes", "DT_INT32"),
			constant("weights", "DT_FLOAT"),
			{
				name: "mean",
				op: "Mean",
				input: ["pixels", "axes"],
				attr: {
					T: float,
					Tidx: { type: "DT_INT32" },
					keep_dims: { b: false },
				},
			},
			{
				name: "logits",
				op: "MatMul",
				input: ["mean", "weights"],
				attr: {
					T: float,
					transpose_a: { b: false },
					transpose_b: { b: false },
				},
			},
			...(end === "none"
				? []
				: [
						{
							name: "probabilities",
							op: end,
							input: ["logits"],
							attr: { T: float },
						},
					]),
		],
		versions: { producer: 1 },
	};
	const tensor = (name: string, ...sizes: readonly number[]) => ({
		[name]: {
			name: `${name}:0`,
			dtype: "DT_FLOAT",
			tensorShape: dims(...sizes).shape,
		},
	});
	const json = JSON.stringify({
		format: "graph-model",
		generatedBy: "test",
		convertedBy: "test",
		modelTopology: topology,
		signature: {
			inputs: tensor("pixels", -1, size, size, 3),
			outputs: {
				...tensor("logits", -1, k),
				...(end !== "none" && tensor("probabilities", -1, k)),
			},
		},
		weightsManifest: [
			{
				paths: ["group1-shard1of2.bin", "group1-shard2of2.bin"],
				weights: [
					{ name: "axes", shape: [2], dtype: "int32" },
					{ name: "weights", shape: [3, k], dtype: "float32" },
				],
			},
		],
	});
	const bytes = Buffer.concat([
		Buffer.from(Int32Array.of(1, 2).buffer),
		Buffer.from(Float32Array.from(weights.flat()).buffer),
	]);
	writeFileSync(join(folder, "model.json"), json);
	// The cut runs through a tensor, as those of the converter may.
	writeFileSync(join(folder, "group1-shard1of2.bin"), bytes.subarray(0, 10));
	writeFileSync(join(folder, "group1-shard2of2.bin"), bytes.subarray(10));
	return json.length + bytes.length;
}
