import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { initialWeights } from "../../src/model/init.ts";
import { writeOnnx } from "../../src/model/onnx/write.ts";
import { network } from "../../src/model/zoo/builder.ts";
import { readRun } from "../../src/runs/record.ts";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../support/graft.ts";

/** Photos of 32 x 32 pixels: the network is quick, and the story is the same. */
const file = (model: string, train = "") => `name: bytes
data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [{ Resize: { size: [32, 32] } }, ToTensor, Normalize]
model: { ${model} }
train: { optimizer: adam, learning_rate: 0.01, epochs: 2${train} }
`;

const LITE = "backbone: efficientnet_lite0, freeze: all";

/** A small convolutional network with drawn weights, as a user brings it; `odd` holds an operator that nothing trains. */
function onnxIn(folder: string): string {
	const net = network("odd", ["n", 3, 32, 32]);
	let x = net.conv(net.input, "conv1", { in: 3, out: 8, kernel: 3, stride: 2 });
	x = net.relu(net.batchNorm(x, "bn1", 8), "relu1");
	x = net.conv(x, "conv2", { in: 8, out: 16, kernel: 3, stride: 2 });
	x = net.node("ThresholdedRelu", "odd", [x], { alpha: 0.05 });
	x = net.flatten(net.globalAveragePool(x, "pool"), "flatten");
	const graph = net.finish(net.linear(x, "fc", 16, 10), 10);
	const names = graph.initializers.map(({ name }) => name);
	const path = join(folder, "odd.onnx");
	writeFileSync(path, writeOnnx(graph, initialWeights(graph, names, 3)));
	return path;
}

const onnxModel = (path: string) =>
	`backbone: { onnx: ${JSON.stringify(path)}, preprocess: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], scale: 1, channels: RGB, size: [32, 32] } }`;

test("run --format json has the agreement that the record has, of int8 and of float16, and of float32 none", async (context) => {
	const folder = folderFor(context);
	const env = envFor(folder);
	for (const more of [
		"precision: { int8: { photos: 8, min_cosine: 0, min_agreement: 0 } }",
		"feature_dtype: float16",
	]) {
		const yaml = experimentIn(folder, file(`${LITE}, ${more}`));
		const ended = await graft(["run", yaml, "--format", "json"], env);
		assert.equal(ended.code, 0, ended.stderr);
		const { agreement, run_dir } = JSON.parse(ended.stdout);
		const { phases } = readRun(run_dir);
		const [rows, classes] = ["features", "agreement"].map(
			(name) => phases.find((phase) => phase.name === name)?.detail ?? {},
		);
		assert.equal(agreement.photos, 43);
		assert.equal(rows?.compared, 43);
		assert.equal(Number(agreement.cosine.toFixed(6)), rows?.cosine);
		assert.equal(Number(agreement.least_cosine.toFixed(6)), rows?.least_cosine);
		assert.equal(agreement.agreement, classes?.agreement);
	}
	const yaml = experimentIn(folder, file(LITE));
	const ended = await graft(["run", yaml, "--format", "json"], env);
	assert.ok(!("agreement" in JSON.parse(ended.stdout)));
});

test("a head that names other classes in int8 than in float32 fails its run below the floor, which says how many", async (context) => {
	const folder = folderFor(context);
	const int8 = "{ photos: 1, range: minmax, min_cosine: 0, min_agreement: 1 }";
	const yaml = experimentIn(
		folder,
		file(`${LITE}, precision: { int8: ${int8} }`),
	);
	const ended = await graft(["run", yaml, "--format", "json"], envFor(folder));
	assert.equal(ended.code, 1, ended.stderr);
	const { status, error } = JSON.parse(ended.stdout);
	assert.equal(status, "FAILED");
	assert.equal(error.code, "int8-disagrees");
	assert.match(
		error.message,
		/for [1-9]\d* of 43 valid photos.*the floor is 1$/,
	);
	assert.match(error.fix, /precision: float32/);
});

test("an .onnx backbone is computed in int8, near float32", async (context) => {
	const folder = folderFor(context);
	const model = `${onnxModel(onnxIn(folder))}, freeze: all, precision: { int8: { photos: 8, min_agreement: 0 } }`;
	const yaml = experimentIn(folder, file(model));
	const ended = await graft(["run", yaml, "--format", "json"], envFor(folder));
	assert.equal(ended.code, 0, ended.stderr);
	const { agreement } = JSON.parse(ended.stdout);
	assert.ok(agreement.cosine > 0.99, `${agreement.cosine}`);
	assert.ok(agreement.cosine < 0.9999999, "it is float32");
});

test("an operator of an .onnx file that cannot be trained is named with its node before the run starts", async (context) => {
	const folder = folderFor(context);
	const model = `${onnxModel(onnxIn(folder))}, freeze: none`;
	const yaml = experimentIn(folder, file(model));
	for (const verb of ["check", "run"]) {
		const ended = await graft([verb, yaml], envFor(folder));
		assert.equal(ended.code, 2, ended.stderr);
		const said = ended.stdout + ended.stderr;
		assert.match(said, /unsupported-op/);
		assert.match(said, /ThresholdedRelu "odd"/);
		assert.match(said, /freeze: all/);
	}
	const frozen = experimentIn(folder, file(model.replace("none", "all")));
	const ended = await graft(["check", frozen], envFor(folder));
	assert.equal(ended.code, 0, ended.stdout + ended.stderr);
});
