import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import test from "node:test";
import { loadExperiment } from "../../src/experiment/load.ts";
import type { ExperimentFile } from "../../src/experiment/types.gen.ts";
import type { DataOptions, TrainOptions } from "../../src/experiment/types.ts";
import { toYaml } from "../../src/experiment/write.ts";
import { packageRoot } from "../../src/paths.ts";
import { loaded, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const root = packageRoot();

/** What is resolved can be written: a mistake here is one of the type checker. */
type Writable<T> = { -readonly [key in keyof T]: WritableValue<T[key]> };
type WritableValue<V> = V extends readonly [infer A, infer B]
	? [A, B]
	: V extends readonly (infer A)[]
		? [WritableValue<A>, WritableValue<A>, ...WritableValue<A>[]]
		: V extends object
			? Writable<V>
			: V;
export const train: ExperimentFile["train"] = {} as Writable<TrainOptions>;
export const data: ExperimentFile["data"] = {} as Writable<DataOptions>;

test("the shortest experiment is written out with every default", () => {
	const { experiment } = loaded(folder, {
		"short.yaml":
			"data: { root: photos }\nmodel: { backbone: efficientnet_lite0 }\n",
	});
	const list = [
		{
			name: "Resize",
			params: {
				size: 256,
				interpolation: "bilinear",
				max_size: null,
				antialias: true,
			},
		},
		{ name: "CenterCrop", params: { size: 224 } },
		{ name: "ToTensor", params: {} },
		{ name: "Normalize", params: {} },
	];
	assert.deepEqual(experiment, {
		name: "short",
		seed: 0,
		data: {
			root: join(folder, "photos"),
			train: "train",
			valid: "valid",
			on_corrupt: "fail",
			exif: "apply",
		},
		transforms: { train: list, eval: list },
		model: {
			backbone: "efficientnet_lite0",
			weights: "default",
			global_pool: "avg",
			freeze: "all",
			head: { linear: { bias: true } },
		},
		train: {
			loss: { cross_entropy: { label_smoothing: 0 } },
			optimizer: { adam: { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0 } },
			learning_rate: 0.001,
			schedule: { constant: { warmup_epochs: 0, warmup_start_factor: 0.01 } },
			epochs: 10,
			batch_size: 32,
			log: "epoch",
		},
	});
});

test("every shorthand has its long form", () => {
	const { experiment } = loaded(
		folder,
		`data: { manifest: tables/labels.csv, split: 0.25 }
transforms:
  train:
    - Resize: [10, 20]
    - RandomApply: [{ ColorJitter: { hue: 0.1 } }, RandomVerticalFlip]
    - RandomHorizontalFlip: 0.3
    - ToTensor
    - RandomErasing
    - Normalize: { mean: [0.5], std: [0.5] }
  eval: [Resize: [10, 20], ToTensor, Normalize]
model:
  backbone: vgg16
  replace: { classifier.6: { Linear: 3 }, classifier.7: LogSoftmax, classifier.5: { Dropout: 0.1 } }
train: { loss: nll, optimizer: sgd }
`,
	);
	assert.equal(experiment.data.root, join(folder, "tables"));
	assert.deepEqual(experiment.data.split, {
		valid: 0.25,
		test: 0,
		seed: 0,
		stratify: true,
		file: join(folder, "experiment.split.json"),
	});
	assert.deepEqual(
		experiment.transforms.train.map(({ params }) => params),
		[
			{
				size: [10, 20],
				interpolation: "bilinear",
				max_size: null,
				antialias: true,
			},
			{
				transforms: [
					{
						name: "ColorJitter",
						params: { brightness: 0, contrast: 0, saturation: 0, hue: 0.1 },
					},
					{ name: "RandomVerticalFlip", params: { p: 0.5 } },
				],
				p: 0.5,
			},
			{ p: 0.3 },
			{},
			{ p: 0.5, scale: [0.02, 0.33], ratio: [0.3, 3.3], value: 0 },
			{ mean: [0.5], std: [0.5], override: false },
		],
	);
	assert.deepEqual(experiment.model.replace, {
		"classifier.6": { Linear: { out_features: 3, bias: true } },
		"classifier.7": { LogSoftmax: { dim: 1 } },
		"classifier.5": { Dropout: { p: 0.1 } },
	});
	assert.equal(experiment.model.head, undefined);
});

const files = ["experiments", "test/experiment/fixtures/every-key"].flatMap(
	(place) =>
		readdirSync(join(root, place), { recursive: true, encoding: "utf8" })
			.filter((name) => name.endsWith(".yaml"))
			.map((name) => join(root, place, name)),
);

test("a resolved experiment is a file that gives the same experiment again", () => {
	assert.ok(files.length >= 7);
	for (const file of files) {
		const first = loadExperiment(file, []);
		assert.ok(first.ok, file);
		const text = toYaml(first.value.experiment);
		const { experiment } = loaded(folder, { "again.yaml": text });
		assert.deepEqual(experiment, first.value.experiment, text);
		assert.equal(toYaml(experiment), text);
	}
});

test("every example file begins with the line that editors read the schema from", async () => {
	const { readFileSync } = await import("node:fs");
	for (const file of files.filter((each) =>
		each.includes(join(root, "experiments")),
	)) {
		const [first = ""] = readFileSync(file, "utf8").split("\n");
		assert.match(
			first,
			/^# yaml-language-server: \$schema=(\.\.\/)+schemas\/experiment\.schema\.json$/,
			basename(file),
		);
	}
});

test("a value is located where it is written, a default at what is around it", () => {
	const text = `data: { root: photos }
transforms:
  - Resize: 256
  - CenterCrop: 224
  - ToTensor
model:
  backbone: vgg16
  freeze:
    - features.*
    - classifier.0
train:
  optimizer: sgd
`;
	const { locate } = loaded(folder, text);
	const at = (...path: (string | number)[]) => {
		const { range, source } = locate(path) ?? {};
		return range && source?.slice(range.column - 1, range.endColumn - 1);
	};
	assert.equal(at("model", "freeze", 1), "classifier.0");
	assert.equal(at("model", "freeze"), "freeze");
	assert.equal(at("model", "backbone"), "vgg16");
	assert.equal(at("model", "head", "linear", "bias"), "model");
	assert.equal(at("train", "optimizer", "sgd", "momentum"), "sgd");
	assert.equal(at("transforms", "eval", 1), "CenterCrop: 224");
	assert.equal(at("transforms", "train", 0, "Resize", "size"), "256");
	assert.equal(at("transforms", "eval"), "transforms");
	assert.equal(at("data", "manifest"), "{ root: photos }");
	assert.equal(locate(["seed"]), undefined);
	assert.equal(
		locate(["model", "backbone"])?.file,
		join(folder, "experiment.yaml"),
	);
});
