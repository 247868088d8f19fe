import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { faults, loaded, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const TEXT = `data: { root: photos }
transforms:
  - Resize: 256
  - CenterCrop: 224
  - ToTensor
  - Normalize
model:
  backbone: vgg16
  head: linear
train:
  optimizer: sgd
`;

const set = (...sets: string[]) => loaded(folder, TEXT, sets).experiment;
const fault = (...sets: string[]) => faults(folder, TEXT, sets);

test("a value is read as YAML", () => {
	assert.equal(set("train.learning_rate=1e-2").train.learning_rate, 0.01);
	assert.deepEqual(
		set("model.freeze=[features.*, classifier.0]").model.freeze,
		["features.*", "classifier.0"],
	);
	assert.equal(set('name="a=b: c"').name, "a=b: c");
	assert.equal(set("train={epochs: 2}").train.epochs, 2);
});

test("of several for one key the last wins", () => {
	assert.equal(set("seed=1", "seed=2").seed, 2);
});

test("maps on the way are made, and shorthands give way", () => {
	assert.deepEqual(set("train.optimizer.sgd.momentum=0.9").train.optimizer, {
		sgd: { momentum: 0.9, dampening: 0, nesterov: false, weight_decay: 0 },
	});
	assert.deepEqual(
		Object.keys(set("train.optimizer.adam.eps=1e-7").train.optimizer),
		["adam"],
	);
	assert.deepEqual(set("model.head.linear.bias=false").model.head, {
		linear: { bias: false },
	});
	const onnx = set(
		"model.backbone={onnx: a.onnx, preprocess: {mean: [0], std: [1]}}",
		"model.backbone.onnx=b.onnx",
	);
	assert.equal(
		typeof onnx.model.backbone === "string" ? "" : onnx.model.backbone.onnx,
		join(process.cwd(), "b.onnx"),
	);
});

test("items of lists are numbered, in one list of transforms, in both, or in the default", () => {
	const resized = set("transforms.0.Resize.size=[224, 224]").transforms;
	assert.deepEqual(resized.train[0]?.params.size, [224, 224]);
	assert.deepEqual(resized.eval[0]?.params.size, [224, 224]);
	const one = set(
		"transforms.train.0={RandomResizedCrop: 200}",
		"transforms.train.1.CenterCrop=200",
	).transforms;
	assert.equal(one.train[0]?.name, "RandomResizedCrop");
	assert.equal(one.eval[0]?.name, "Resize");
	const base = "data: { root: x }\nmodel: { backbone: vgg16 }\n";
	const { experiment } = loaded(folder, base, ["transforms.0.Resize=300"]);
	assert.equal(experiment.transforms.eval[0]?.params.size, 300);
});

test("names with dots in them are quoted or have backslashes", () => {
	const sets = [
		"model.head=null",
		'model.replace."classifier.6".Linear=2',
		"model.replace.classifier\\.7=LogSoftmax",
	];
	assert.deepEqual(Object.keys(set(...sets).model.replace ?? {}), [
		"classifier.6",
		"classifier.7",
	]);
});

test("null takes a key back", () => {
	assert.equal(set("seed=7", "seed=null").seed, 0);
	assert.equal(set("transforms=null").transforms.eval[1]?.params.size, 224);
});

test("paths are relative to the folder one is in", () => {
	assert.equal(
		set("data.root=elsewhere").data.root,
		join(process.cwd(), "elsewhere"),
	);
});

test("mistakes are reported at their place on the command line, along with those of the file", () => {
	const found = faults(folder, TEXT.replace("head:", "haed:"), [
		"seed=1",
		"train.epoch=3",
	]);
	assert.deepEqual(
		found.map(({ file, range, suggestion }) => [
			file?.endsWith("yaml"),
			range?.line,
			range?.column,
			suggestion,
		]),
		[
			[true, 9, 3, "head"],
			[false, 2, 7, "epochs"],
		],
	);
	assert.equal(found[1]?.file, "--set");
	assert.equal(found[1]?.source, "train.epoch=3");
});

test("what is no path=value is refused", () => {
	for (const text of [
		"",
		"seed",
		"=3",
		"train.=3",
		"transforms.9=ToTensor",
		"extends=x.yaml",
	])
		assert.deepEqual(
			fault(text).map(({ code }) => code),
			["bad-set"],
			text,
		);
	assert.deepEqual(
		fault("seed=").map(({ code }) => code),
		["wrong-type"],
	);
	assert.deepEqual(
		fault("seed=[").map(({ code }) => code),
		["yaml-bracket"],
	);
});
