import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { planInput } from "../../src/cli/plan-input.ts";
import { sweepPlanInput } from "../../src/cli/plan-sweep.ts";
import { isSweep } from "../../src/experiment/load.ts";
import { planJson } from "../../src/plan/json.ts";
import { printPlan } from "../../src/plan/print.ts";
import { printProvenance } from "../../src/plan/provenance.ts";
import { type Prepared, prepare } from "../../src/prepare.ts";
import { knownIn } from "../../src/sweep/expected.ts";
import { printSweepPlan } from "../../src/sweep/plan-text.ts";
import { prepareSweep } from "../../src/sweep/prepare-sweep.ts";
import { planTasks } from "../../src/sweep/tasks.ts";
import { experimentIn, folderFor, root, tuxpaint } from "../support/graft.ts";

const RATES = {
	secondsPerPhoto: 0.004,
	flopsPerCore: 5e10,
	cores: 2,
	measured: true,
};

async function planned(
	file: string,
	cache: string,
	sets: readonly string[] = [],
): Promise<Prepared> {
	const prepared = await prepare(file, {
		sets,
		cacheFolder: cache,
		hash: true,
		missing: "warning",
	});
	assert.ok(prepared.ok, JSON.stringify(prepared.ok || prepared.diagnostics));
	return prepared.value;
}

async function refused(
	file: string,
	cache: string,
	sets: readonly string[] = [],
) {
	const prepared = await prepare(file, {
		sets,
		cacheFolder: cache,
		hash: false,
		missing: "warning",
	});
	assert.ok(!prepared.ok, "the file was accepted");
	return prepared.diagnostics.filter(({ severity }) => severity === "error");
}

/** `GRAFT_WRITE_GOLDEN=1 npm test -- plan` writes the files anew, to be reviewed as a diff. */
function assertGolden(name: string, text: string): void {
	const file = join(root, "test", "golden", "plans", name);
	if (process.env.GRAFT_WRITE_GOLDEN) writeFileSync(file, text);
	assert.equal(text, readFileSync(file, "utf8"));
}

const examples = readdirSync(join(root, "experiments"), {
	recursive: true,
	encoding: "utf8",
})
	.filter((name) => name.endsWith(".yaml"))
	.sort();

test("every example is planned as its golden says", async (context) => {
	const cache = folderFor(context);
	assert.equal(examples.length, 21);
	for (const name of examples) {
		const file = join("experiments", name);
		const text = isSweep(join(root, file), [])
			? await sweepText(file, cache)
			: printPlan({
					...planInput(
						file,
						await planned(join(root, file), cache),
						cache,
						false,
					),
					rates: RATES,
				});
		assertGolden(name.replace(".yaml", ".txt"), text);
	}
});

/** As `graft plan` prints it on a machine with two cores. */
async function sweepText(file: string, cache: string): Promise<string> {
	const prepared = await prepareSweep(join(root, file), {
		sets: [],
		cacheFolder: cache,
		hash: true,
		missing: "warning",
	});
	assert.ok(prepared.ok, JSON.stringify(prepared.ok || prepared.diagnostics));
	const trials = prepared.value.trials;
	const known = { ...knownIn(cache), rates: RATES };
	return printSweepPlan(
		sweepPlanInput(
			file,
			{ ...prepared.value, tasks: planTasks(trials, known) },
			{
				known,
				runs: join(cache, "runs"),
				workers: { size: 2, name: "2 processes" },
			},
		),
	);
}

test("the plan as JSON holds every stage, the cut and the keys", async (context) => {
	const cache = folderFor(context);
	const prepared = await planned(join(root, "experiments/resize.yaml"), cache);
	const json = planJson(planInput("resize.yaml", prepared, cache, false));
	assert.deepEqual(JSON.parse(JSON.stringify(json)), json);
	assert.equal(json.eval.cut.tensor, "_flatten");
	assert.deepEqual(json.eval.feature_shape, [1280]);
	assert.equal(json.eval.stages.at(-1)?.part, "suffix");
	assert.match(json.eval.feature_key ?? "", /^[0-9a-f]{64}$/);
	assert.deepEqual(json.photos, { train: 104, valid: 43 });
});

test("Dropout in VGG16's frozen classifier ends the train prefix after classifier.1, the eval prefix after classifier.5", async (context) => {
	const { plan } = await planned(
		join(root, "experiments/dogs-vs-cats-vgg16.yaml"),
		folderFor(context),
	);
	const lastOfPrefix = ({ stages, cut }: typeof plan.train) =>
		stages[cut - 1]?.name;
	assert.equal(lastOfPrefix(plan.train), "classifier.1");
	assert.equal(lastOfPrefix(plan.eval), "classifier.5");
	assert.deepEqual(plan.trainable, [
		"classifier.6.weight",
		"classifier.6.bias",
	]);
	assert.deepEqual(
		[plan.train.featureShape, plan.eval.featureShape],
		[[4096], [4096]],
	);
});

const base = (
	transforms: string,
	model = "{ backbone: efficientnet_lite0, freeze: all, head: linear }",
) => `
data: { root: ${JSON.stringify(tuxpaint)} }
transforms: ${transforms}
model: ${model}
train: { loss: cross_entropy, optimizer: adam, learning_rate: 0.001, epochs: 3, batch_size: 32 }
`;
const squash = "[{ Resize: { size: [224, 224] } }, ToTensor, Normalize]";

test("a random flip ends the prefix of training, not that of evaluation", async (context) => {
	const folder = folderFor(context);
	const text = base(
		`{ train: [{ Resize: { size: [224, 224] } }, RandomHorizontalFlip, ToTensor, Normalize], eval: ${squash} }`,
	);
	const { plan } = await planned(experimentIn(folder, text), folder);
	assert.equal(plan.train.cut, 0);
	assert.equal(plan.train.featureKey, undefined);
	assert.match(plan.train.cutReason, /^RandomHorizontalFlip draws/);
	assert.equal(plan.eval.stages[plan.eval.cut]?.name, "head");
	assert.notEqual(plan.eval.featureKey, undefined);
});

test("a feature key changes with every input of the prefix and with nothing else", async (context) => {
	const folder = folderFor(context);
	const keyOf = async (
		transforms: string,
		sets: string[] = [],
		model?: string,
	) =>
		(await planned(experimentIn(folder, base(transforms, model)), folder, sets))
			.plan.eval.featureKey;
	const key = await keyOf(squash);
	const same = [
		await keyOf(squash, [
			"train.learning_rate=0.5",
			"train.epochs=1",
			"seed=7",
			"name=other",
		]),
		await keyOf(squash, ["train.optimizer=sgd"]),
		await keyOf(
			"[{ Resize: { size: [224, 224], interpolation: bilinear } }, ToTensor, Normalize]",
		),
	];
	for (const other of same) assert.equal(other, key);
	const different = [
		await keyOf(
			"[{ Resize: { size: [224, 224], interpolation: bicubic } }, ToTensor, Normalize]",
		),
		await keyOf("[{ Resize: { size: [192, 192] } }, ToTensor, Normalize]"),
		await keyOf("[{ Resize: 224 }, { CenterCrop: 224 }, ToTensor, Normalize]"),
		await keyOf(squash, ["data.exif=ignore"]),
		await keyOf(
			squash,
			[],
			"{ backbone: efficientnet_lite0, weights: none, freeze: all, head: linear }",
		),
		await keyOf(
			squash,
			[],
			"{ backbone: efficientnet_lite0, features: _blocks.15._bn2, freeze: all, head: linear }",
		),
	];
	assert.equal(new Set([key, ...different]).size, different.length + 1);
});

test("the run's fingerprint changes with what the result depends on, not with names", async (context) => {
	const folder = folderFor(context);
	const file = experimentIn(folder, base(squash));
	const print = async (...sets: string[]) =>
		(await planned(file, folder, sets)).plan.fingerprint;
	const own = await print();
	assert.equal(await print("name=other", "description=words"), own);
	assert.equal(await print("train.log=step"), own);
	const others = await Promise.all([
		print("seed=1"),
		print("train.epochs=4"),
		print("train.learning_rate=0.002"),
		print("train.batch_size=16"),
		print("train.optimizer=sgd"),
		print("train.schedule=cosine"),
		print("train.early_stopping=2"),
		print("train.clip_grad_norm=1"),
		print("train.loss.cross_entropy.label_smoothing=0.1"),
		print("model.head.mlp.hidden=8"),
		print("model.head.mlp={ hidden: 8, dropout: 0.5 }"),
	]);
	assert.equal(new Set([own, ...others]).size, 12);
});

test("normalization is taken from the weights; another one or none must be said on purpose", async (context) => {
	const folder = folderFor(context);
	const codes = async (transforms: string) =>
		(await refused(experimentIn(folder, base(transforms)), folder)).map(
			({ code, range }) => [code, range?.line],
		);
	const resize = "{ Resize: { size: [224, 224] } }, ToTensor";
	const imagenet = "mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]";
	assert.deepEqual(await codes(`[${resize}]`), [["normalization-missing", 3]]);
	assert.deepEqual(await codes(`[${resize}, { Normalize: { ${imagenet} } }]`), [
		["normalization-contradicts-weights", 3],
	]);
	await planned(
		experimentIn(
			folder,
			base(`[${resize}, { Normalize: { ${imagenet}, override: true } }]`),
		),
		folder,
	);
	await planned(
		experimentIn(
			folder,
			base(
				`[${resize}, { Normalize: { mean: [0.498, 0.498, 0.498], std: [0.502, 0.502, 0.502] } }]`,
			),
		),
		folder,
	);
});

test("names that match no layer are errors at their place, with the nearest layer", async (context) => {
	const folder = folderFor(context);
	const model = (more: string) =>
		base(squash, `{ backbone: efficientnet_lite0, head: linear, ${more} }`);
	const found = await refused(
		experimentIn(
			folder,
			model('freeze: [_conv_stem, "_bloks.*", _blocks.1._bn7]'),
		),
		folder,
	);
	assert.deepEqual(
		found
			.filter(({ code }) => code === "unknown-layer")
			.map(({ range, suggestion }) => [range?.line, range?.column, suggestion]),
		[
			[4, 75, "_blocks.*"],
			[4, 87, "_blocks.1._bn0"],
		],
	);
	const [features] = await refused(
		experimentIn(folder, model("freeze: all, features: _flaten")),
		folder,
	);
	assert.deepEqual(
		[features?.code, features?.suggestion],
		["unknown-tensor", "_flatten"],
	);
});

test("convolutions behind the last frozen layer are the part that trains", async (context) => {
	const folder = folderFor(context);
	const text = base(
		squash,
		"{ backbone: efficientnet_lite0, freeze: { until: _blocks.14._bn2 }, head: linear }",
	);
	const { plan } = await planned(experimentIn(folder, text), folder);
	assert.equal(plan.eval.cutTensor, "_blocks.14._add");
	assert.equal(plan.trainable[0], "_blocks.15._expand_conv.weight");
});

test("photos of varying size, a wrong number of classes and a head that learns nothing are errors", async (context) => {
	const folder = folderFor(context);
	const codes = async (text: string) =>
		(await refused(experimentIn(folder, text), folder)).map(({ code }) => code);
	assert.deepEqual(
		await codes(base("[{ Resize: 224 }, ToTensor, Normalize]")),
		["input-size"],
	);
	const tiny = base(
		"[{ Resize: { size: [16, 16] } }, ToTensor, Normalize]",
		"{ backbone: vgg11, weights: none, features: features.20, freeze: all, head: linear }",
	);
	const [small] = await refused(experimentIn(folder, tiny), folder);
	assert.match(small?.message ?? "", /too small .* after "features\.20"/);
	const vgg = (more: string) =>
		base(squash, `{ backbone: vgg11, weights: none, freeze: all, ${more} }`);
	assert.deepEqual(
		await codes(
			vgg("replace: { classifier.6: { Linear: { out_features: 2 } } }"),
		),
		["head-size"],
	);
	assert.ok(
		(
			await codes(
				vgg("replace: { classifier.9: { Linear: { out_features: 5 } } }"),
			)
		).length > 0,
	);
});

test("each value says where it came from: this file, the one it extends, --set or a default", async (context) => {
	const { plan } = await planned(
		join(root, "experiments/center-crop.yaml"),
		folderFor(context),
		["train.epochs=3"],
	);
	const text = printProvenance(plan.provenance, root);
	assert.match(text, /^name +file experiments\/center-crop\.yaml:5$/m);
	assert.match(
		text,
		/^train\.batch_size +extends experiments\/resize\.yaml:\d+$/m,
	);
	assert.match(text, /^train\.epochs +set$/m);
	assert.match(text, /^data\.exif +default$/m);
});
