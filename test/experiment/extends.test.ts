import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { faults, loaded, loadText, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();

const BASE = `name: base
description: Everything.
seed: 5
data: { root: photos }
transforms: [Resize: 256, CenterCrop: 224, ToTensor, Normalize]
model: { backbone: vgg16, freeze: [features.*, classifier.0], head: linear }
train:
  optimizer: { sgd: { momentum: 0.9, weight_decay: 0.1 } }
  learning_rate: 0.1
  epochs: 3
`;

test("maps are merged key by key and lists are replaced", () => {
	const { experiment } = loaded(folder, {
		"child.yaml":
			"extends: base.yaml\nmodel: { freeze: [features.0] }\ntrain: { epochs: 9 }\n",
		"base.yaml": BASE,
	});
	assert.deepEqual(experiment.model.freeze, ["features.0"]);
	assert.equal(experiment.model.backbone, "vgg16");
	assert.equal(experiment.train.epochs, 9);
	assert.equal(experiment.train.learning_rate, 0.1);
	assert.equal(experiment.seed, 5);
});

test("name and description belong to the file they stand in", () => {
	const { experiment } = loaded(folder, {
		"child.yaml": "extends: base.yaml\n",
		"base.yaml": BASE,
	});
	assert.equal(experiment.name, "child");
	assert.equal(experiment.description, undefined);
});

test("the same choice is merged, another one replaces", () => {
	const merged = loaded(folder, {
		"child.yaml":
			"extends: base.yaml\ntrain: { optimizer: { sgd: { nesterov: true } } }\n",
		"base.yaml": BASE,
	});
	assert.deepEqual(merged.experiment.train.optimizer, {
		sgd: { momentum: 0.9, dampening: 0, nesterov: true, weight_decay: 0.1 },
	});
	for (const other of ["adam", "{ adam: {} }"]) {
		const replaced = loaded(folder, {
			"child.yaml": `extends: base.yaml\ntrain: { optimizer: ${other} }\n`,
			"base.yaml": BASE,
		});
		assert.deepEqual(Object.keys(replaced.experiment.train.optimizer), [
			"adam",
		]);
	}
	const plain = loaded(folder, {
		"child.yaml": "extends: base.yaml\ntrain: { optimizer: sgd }\n",
		"base.yaml": BASE,
	});
	assert.deepEqual(plain.experiment.train.optimizer, {
		sgd: { momentum: 0, dampening: 0, nesterov: false, weight_decay: 0 },
	});
});

test("of several files the later wins, and the file itself over all", () => {
	const { experiment } = loaded(folder, {
		"child.yaml":
			"extends: [base.yaml, faster.yaml]\ntrain: { batch_size: 4 }\n",
		"base.yaml": BASE,
		"faster.yaml": "train: { learning_rate: 0.5, batch_size: 2 }\n",
	});
	assert.equal(experiment.train.learning_rate, 0.5);
	assert.equal(experiment.train.batch_size, 4);
	assert.equal(experiment.train.epochs, 3);
});

test("null takes an inherited key back, and head gives way to replace", () => {
	const { experiment } = loaded(folder, {
		"child.yaml":
			"extends: base.yaml\nseed: null\nmodel: { head: null, replace: { classifier.6: { Linear: 2 } } }\n",
		"base.yaml": BASE,
	});
	assert.equal(experiment.seed, 0);
	assert.equal(experiment.model.head, undefined);
	const both = faults(folder, {
		"child.yaml":
			"extends: base.yaml\nmodel: { replace: { classifier.6: { Linear: 2 } } }\n",
		"base.yaml": BASE,
	});
	assert.deepEqual(
		both.map(({ code }) => code),
		["head-and-replace"],
	);
	assert.match(both[0]?.file ?? "", /base\.yaml$/);
	assert.match(both[0]?.fix ?? "", /head: null/);
});

test("one list of transforms is both lists when a file changes only one of them", () => {
	const { experiment } = loaded(folder, {
		"child.yaml":
			"extends: base.yaml\ntransforms: { train: [RandomResizedCrop: 224, ToTensor, Normalize] }\n",
		"base.yaml": BASE,
	});
	assert.equal(experiment.transforms.train[0]?.name, "RandomResizedCrop");
	assert.equal(experiment.transforms.eval[0]?.name, "Resize");
});

test("paths are relative to the file that says them", () => {
	mkdirSync(join(folder, "shared"), { recursive: true });
	writeFileSync(
		join(folder, "shared", "data.yaml"),
		"data: { root: ../photos, split: 0.3 }\n",
	);
	const { experiment } = loaded(folder, {
		"child.yaml":
			"extends: shared/data.yaml\nmodel: { backbone: vgg16, weights: w/vgg16.safetensors }\n",
	});
	assert.equal(experiment.data.root, join(folder, "photos"));
	assert.equal(experiment.model.weights, join(folder, "w/vgg16.safetensors"));
	assert.equal(experiment.data.split?.valid, 0.3);
	assert.equal(
		experiment.data.split?.file,
		join(folder, "shared", "data.split.json"),
	);
});

test("mistakes of a base are reported at their place there, once", () => {
	const found = faults(folder, {
		"child.yaml":
			"extends: [left.yaml, right.yaml]\nmodel: { backbone: vgg61 }\n",
		"left.yaml": "extends: root.yaml\n",
		"right.yaml": "extends: root.yaml\n",
		"root.yaml":
			"data: { root: x }\ntrain:\n  epoch: 3\n  seed: 1\n  seed: 2\n",
	});
	assert.deepEqual(
		found.map(({ file, range, code }) => [
			file?.split("/").at(-1),
			range?.line,
			code,
		]),
		[
			["child.yaml", 2, "bad-value"],
			["root.yaml", 3, "unknown-key"],
			["root.yaml", 4, "unknown-key"],
			["root.yaml", 5, "duplicate-key"],
		],
	);
});

test("a base that cannot be read is reported where it is named, and nothing is said to be missing", () => {
	const found = faults(folder, {
		"child.yaml": "name: x\nextends: bsae.yaml\ntrain: { epochs: ten }\n",
		"base.yaml": BASE,
	});
	assert.deepEqual(
		found.map(({ code, range }) => [code, range?.line, range?.column]),
		[
			["no-such-file", 2, 10],
			["wrong-type", 3, 18],
		],
	);
	assert.match(found[0]?.suggestion ?? "", /base\.yaml$/);
	const broken = faults(folder, {
		"child.yaml": "extends: broken.yaml\n",
		"broken.yaml": "data: [\n",
	});
	assert.deepEqual(
		broken.map(({ code, file }) => [code, file?.endsWith("broken.yaml")]),
		[["yaml-bracket", true]],
	);
});

test("files that extend each other in a circle are told where", () => {
	const two = faults(folder, {
		"a.yaml": "extends: b.yaml\n",
		"b.yaml": "seed: 1\nextends: a.yaml\n",
	});
	assert.deepEqual(
		two.map(({ code, range }) => [code, range?.line]),
		[["extends-cycle", 2]],
	);
	const self = faults(folder, { "a.yaml": "extends: [./a.yaml]\n" });
	assert.match(self[0]?.message ?? "", /itself/);
});

test("extends must be a path or a list of them", () => {
	for (const text of [
		"extends: 3",
		"extends: []",
		"extends: { a: b }",
		"extends:",
	])
		assert.ok(
			faults(folder, `${text}\ndata: { root: x }\nmodel: { backbone: vgg16 }\n`)
				.length === 1,
			text,
		);
});

test("each value knows the file and line it came from", () => {
	const result = loadText(
		folder,
		{
			"child.yaml": "extends: base.yaml\ntrain:\n  epochs: 9\n",
			"base.yaml": BASE,
		},
		["seed=3", "train.batch_size=1"],
	);
	assert.ok(result.ok);
	const of = (path: string) => {
		const found = result.value.provenance.find((each) => each.path === path);
		return [found?.from, found?.file?.split("/").at(-1), found?.line];
	};
	assert.deepEqual(of("train.epochs"), ["file", "child.yaml", 3]);
	assert.deepEqual(of("train.learning_rate"), ["extends", "base.yaml", 9]);
	assert.deepEqual(of("train.optimizer.sgd.momentum"), [
		"extends",
		"base.yaml",
		8,
	]);
	assert.deepEqual(of("train.optimizer.sgd.nesterov"), [
		"default",
		undefined,
		undefined,
	]);
	assert.deepEqual(of("seed"), ["set", "--set", 1]);
	assert.deepEqual(of("train.batch_size"), ["set", "--set", 2]);
	assert.deepEqual(of("transforms.eval.1.CenterCrop.size"), [
		"extends",
		"base.yaml",
		5,
	]);
	assert.deepEqual(of("name"), ["default", undefined, undefined]);
});
