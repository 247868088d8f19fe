import assert from "node:assert/strict";
import {
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { createSession } from "../../../src/engine/ort.ts";
import { readOnnx } from "../../../src/model/onnx/read.ts";
import { writeOnnx } from "../../../src/model/onnx/write.ts";
import type { Graph } from "../../../src/model/types.ts";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../../support/graft.ts";
import { randomPixels, randomWeights } from "./networks.ts";
import type { TensorFlow } from "./open.ts";

async function runIn(
	context: TestContext,
	model: string,
	root = tuxpaint,
	folder = folderFor(context),
) {
	const env = envFor(folder);
	const file = experimentIn(
		folder,
		`name: exported
data: { root: ${JSON.stringify(root)} }
transforms: [{ Resize: { size: [64, 64] } }, ToTensor, Normalize]
model: ${model}
train: { optimizer: adam, learning_rate: 0.01, epochs: 1 }
`,
	);
	const ended = await graft(["run", file, "--format", "json"], env);
	assert.equal(ended.code, 0, ended.stderr);
	const { run_id } = JSON.parse(ended.stdout) as { run_id: string };
	const to = (out: string, ...words: readonly string[]) =>
		graft(
			["export", run_id, "--out", join(folder, out), "--format", "json"].concat(
				words,
			),
			env,
		);
	return { folder, env, run_id, to };
}

/** What a page loads from the npm package. */
const tf = createRequire(import.meta.url)("@tensorflow/tfjs") as TensorFlow & {
	readonly setBackend: (name: string) => Promise<boolean>;
};

interface Predicting {
	readonly predict: (
		pixels: object,
	) => Record<
		string,
		{ readonly shape: number[]; readonly dataSync: () => Float32Array }
	>;
}

/** model.json and what it names, as tf.io's loaders hand them on. */
async function load(folder: string): Promise<Predicting> {
	const json = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
	const [{ paths, weights: weightSpecs }] = json.weightsManifest;
	const bytes = paths.map((path: string) => readFileSync(join(folder, path)));
	const weightData = new Uint8Array(Buffer.concat(bytes)).buffer;
	const source = { load: async () => ({ ...json, weightSpecs, weightData }) };
	return (await tf.loadGraphModel(source)) as unknown as Predicting;
}

test("plain @tensorflow/tfjs gives the logits of the run, from weights of 4 and of 2 bytes, for any number of photos", async (context) => {
	const { folder, to, run_id } = await runIn(
		context,
		"{ backbone: efficientnet_lite0 }",
	);
	const sizes: number[] = [];
	for (const [out, ...words] of [
		["onnx", "--to", "onnx"],
		["tfjs", "--to", "tfjs"],
		["halves", "--to", "tfjs", "--quantize", "float16"],
	] as const) {
		const ended = await to(out, ...words);
		assert.equal(ended.code, 0, ended.stderr);
		const { parity, files, bytes } = JSON.parse(ended.stdout);
		assert.equal(parity.photos, 43);
		assert.ok(parity.largest_difference < (out === "halves" ? 0.05 : 1e-5));
		assert.deepEqual(
			[...files].sort(),
			readdirSync(join(folder, out)).sort(),
			"what is said to be written is there",
		);
		sizes.push(bytes);
	}
	const [, whole = 0, half = 0] = sizes;
	assert.ok(half < 0.55 * whole, `${half} of ${whole} bytes`);
	const files = readdirSync(join(folder, "tfjs"));
	const shards = files.filter((name) => name.endsWith(".bin"));
	assert.ok(shards.length >= 4 && files.includes("index.html"));
	for (const shard of shards)
		assert.ok(statSync(join(folder, "tfjs", shard)).size <= 2 ** 22);
	const { userDefinedMetadata } = JSON.parse(
		readFileSync(join(folder, "tfjs", "model.json"), "utf8"),
	);
	assert.equal(userDefinedMetadata.run_id, run_id);
	assert.equal(userDefinedMetadata.classes.length, 5);

	await tf.setBackend("cpu");
	const { graph, weights } = await readOnnx(join(folder, "onnx/model.onnx"));
	const outputs = ["logits", "probabilities"];
	const session = await createSession(graph, weights, {
		...{ outputs, intraOpThreads: 2 },
	});
	const models = [
		[await load(join(folder, "tfjs")), 1e-4],
		[await load(join(folder, "halves")), 0.1],
	] as const;
	for (const photos of [1, 3]) {
		const dims = [photos, 3, 64, 64];
		const pixels = randomPixels(dims);
		const expected = await session.run(pixels, dims);
		const nhwc = tf.transpose(tf.tensor(pixels, dims), [0, 2, 3, 1]);
		for (const [model, tolerance] of models) {
			const answers = model.predict(nhwc);
			for (const output of outputs) {
				const wanted = expected.get(output)?.data ?? [];
				const given = answers[output];
				assert.deepEqual(given?.shape, [photos, 5]);
				const found = given?.dataSync() ?? [];
				wanted.forEach((value, at) => {
					const off = Math.abs(value - Number(found[at]));
					assert.ok(off < tolerance, `${output} ${value} ${found[at]}`);
				});
			}
		}
	}
	await session.close();
});

test("class means are a layer where they are compared by distance, and only there", async (context) => {
	for (const [metric, code] of [
		["euclidean", 0],
		["cosine", 1],
	] as const) {
		const { folder, to } = await runIn(
			context,
			`{ backbone: efficientnet_lite0, head: { nearest_mean: { metric: ${metric} } } }`,
		);
		const ended = await to("out", "--to", "tfjs");
		assert.equal(ended.code, code, ended.stderr);
		if (code === 1) assert.match(ended.stderr, /export-not-a-layer/);
		else assert.ok(JSON.parse(ended.stdout).parity.largest_difference < 1e-4);
		assert.equal(existsSync(join(folder, "out")), code === 0);
	}
});

/** Two layers, the first of an operator that tfjs has not. */
const UNKNOWN: Graph = {
	...{ name: "unknown", opset: 17 },
	nodes: [
		["Conv", "conv", ["x", "weight"], "a", { kernel_shape: [3, 3] }],
		["Celu", "sharp", ["a"], "b", { alpha: 0.5 }],
		["GlobalAveragePool", "pool", ["b"], "c", {}],
		["Flatten", "flat", ["c"], "y", {}],
	].map(([op, name, inputs, output, attributes]) => ({
		...{ op, name, layer: name, domain: "", inputs, attributes },
		outputs: [output],
	})) as unknown as Graph["nodes"],
	inputs: [{ name: "x", dtype: "float32", shape: ["n", 3, 64, 64] }],
	outputs: [{ name: "y", dtype: "float32", shape: ["n", 8] }],
	initializers: [{ name: "weight", shape: [8, 3, 3, 3], dtype: "float32" }],
};

test("an operator that tfjs has not is named with its layer before anything is written, and onnx takes it", async (context) => {
	const folder = folderFor(context);
	const file = join(folder, "unknown.onnx");
	writeFileSync(file, writeOnnx(UNKNOWN, randomWeights(UNKNOWN)));
	const preprocess = "{ mean: [0.5], std: [0.5], size: [64, 64] }";
	const { to } = await runIn(
		context,
		`{ backbone: { onnx: ${JSON.stringify(file)}, preprocess: ${preprocess} } }`,
		...([tuxpaint, folder] as const),
	);
	const before = readdirSync(folder).sort();
	const ended = await to("out", "--to", "tfjs");
	assert.equal(ended.code, 1);
	assert.match(
		ended.stderr,
		/export-unsupported: the layer "sharp" cannot be written for tfjs: its operator Celu/,
	);
	assert.match(ended.stderr, /--to onnx/);
	assert.deepEqual(readdirSync(folder).sort(), before);
	assert.equal((await to("out", "--to", "onnx")).code, 0);
});

test("what stands in the way of a tfjs export is said in one line, and nothing is left behind", async (context) => {
	const folder = folderFor(context);
	const root = join(folder, "photos");
	cpSync(tuxpaint, root, { recursive: true });
	const { to, run_id, env } = await runIn(
		context,
		"{ backbone: efficientnet_lite0 }",
		...([root, folder] as const),
	);
	const file = join(folder, "file");
	writeFileSync(file, "no photo");
	writeFileSync(join(folder, "broken.jpg"), "no photo");
	const photo = join(folder, "photo.png");
	const [name = ""] = readdirSync(join(root, "valid/bird"));
	cpSync(join(root, "valid/bird", name), photo);
	mkdirSync(join(folder, "there"));
	const before = readdirSync(folder).sort();
	const cases = [
		["there", /export-exists/, []],
		["file/out", /export-not-writable/, []],
		["/proc/absent/out", /export-not-writable/, []],
		["new/deep/out", /export-no-photos/, [join(folder, "broken.jpg")]],
		["out", /no-such-photo/, [join(folder, "absent.jpg")]],
	] as const;
	for (const [out, text, photos] of cases) {
		const target = out.startsWith("/") ? out : join(folder, out);
		const ended = await graft(
			["export", run_id, "--to", "tfjs", "--out", target, ...photos],
			env,
		);
		assert.notEqual(ended.code, 0, out);
		assert.match(ended.stderr, text);
		assert.doesNotMatch(ended.stderr, /fault of Graft/);
		assert.deepEqual(readdirSync(folder).sort(), before, out);
	}
	// The record says of one photo what the network does not.
	const record = join(env.GRAFT_RUNS ?? "", run_id, "predictions.jsonl");
	const said = readFileSync(record, "utf8");
	const [first = "", ...rest] = said.split("\n");
	const photoSaid = JSON.parse(first);
	photoSaid.predicted = (photoSaid.predicted + 1) % 5;
	writeFileSync(record, [JSON.stringify(photoSaid), ...rest].join("\n"));
	const differs = await to("new/out", "--to", "tfjs");
	assert.equal(differs.code, 1);
	assert.match(differs.stderr, /export-differs/);
	assert.deepEqual(readdirSync(folder).sort(), before);
	writeFileSync(record, said);
	const wrong = await to("out", "--to", "onnx", "--quantize", "float16");
	assert.equal(wrong.code, 2);
	assert.match(wrong.stderr, /--quantize makes the weights of a tfjs export/);

	rmSync(root, { recursive: true });
	const gone = await to("out", "--to", "tfjs");
	assert.match(gone.stderr, /export-no-photos/);
	assert.deepEqual(
		readdirSync(folder).sort(),
		before.filter((each) => each !== "photos"),
	);
	const named = await to("out", "--to", "tfjs", photo);
	assert.equal(named.code, 0, named.stderr);
	assert.equal(JSON.parse(named.stdout).parity.photos, 1);
});
