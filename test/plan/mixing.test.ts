import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { planInput } from "../../src/cli/plan-input.ts";
import { printPlan } from "../../src/plan/print.ts";
import { prepare } from "../../src/prepare.ts";
import { runExperiment } from "../../src/run.ts";
import { stackKeyOf } from "../../src/train/stacked/stack-key.ts";
import { experimentIn, folderFor, tuxpaint } from "../support/graft.ts";

/** Where photos are mixed: the cut, its reason, what cannot be, and a run of each. */

async function prepareIn(
	context: TestContext,
	train: string,
	model = "freeze: all, head: linear",
) {
	const folder = folderFor(context);
	const file = experimentIn(
		folder,
		`name: mixed
data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [Resize: { size: [32, 32] }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0, ${model} }
train: { optimizer: adam, learning_rate: 0.005, batch_size: 52, ${train} }
`,
	);
	const prepared = await prepare(file, {
		...{ sets: [], cacheFolder: join(folder, "cache"), hash: true },
		missing: "error",
	});
	return { prepared, file, folder };
}

test("mixing pixels leaves nothing to cut off in training, and the plan says why and what it costs", async (context) => {
	const { prepared, file, folder } = await prepareIn(
		context,
		"mixup: { alpha: 0.2 }, cutmix: { alpha: 1, prob: 0.5 }",
	);
	assert.ok(prepared.ok);
	const { plan, loaded } = prepared.value;
	assert.equal(plan.train.cutTensor, plan.graph.inputs[0]?.name);
	assert.deepEqual(plan.train.featureShape, [3, 32, 32]);
	assert.equal(plan.eval.cutTensor, "_flatten", "evaluation keeps its prefix");
	assert.notEqual(plan.train.featureKey, undefined, "pixels are cached");
	assert.equal(stackKeyOf(plan, loaded.experiment), undefined);
	const text = printPlan(
		planInput(file, prepared.value, join(folder, "cache"), false),
	);
	assert.match(
		text,
		/cut: mixup and cutmix mix the photos of a batch, so every layer is computed at each step/,
	);
	assert.match(
		text,
		/mixup of pixels, alpha 0\.2 or cutmix of pixels, alpha 1, 0\.5 of the batches/,
	);
	const seconds = (said: string) =>
		Number(/([\d.]+) s for training/.exec(said)?.[1] ?? Number.NaN);
	const other = await prepareIn(
		context,
		"mixup: { alpha: 0.2, space: features }",
	);
	assert.ok(other.prepared.ok);
	const cheap = printPlan(
		planInput(
			other.file,
			other.prepared.value,
			join(other.folder, "cache"),
			false,
		),
	);
	assert.ok(seconds(text) > seconds(cheap), "the cost is said");
});

test("mixing features leaves the cut where it is, and needs a map for cutmix", async (context) => {
	const { prepared } = await prepareIn(
		context,
		"mixup: { alpha: 0.2, space: features }",
	);
	assert.ok(prepared.ok);
	const { plan, loaded } = prepared.value;
	assert.equal(plan.train.featureKey, plan.eval.featureKey);
	assert.ok(stackKeyOf(plan, loaded.experiment), "it can be stacked");

	const refused = await prepareIn(context, "cutmix: { space: features }");
	assert.ok(!refused.prepared.ok);
	const [problem] = refused.prepared.diagnostics;
	assert.equal(problem?.code, "cutmix-needs-map");
	assert.match(problem?.message ?? "", /a vector of 1,280 numbers/);
	assert.equal(problem?.range?.line, 5);

	const map = await prepareIn(
		context,
		"cutmix: { space: features }",
		"freeze: { until: _blocks.14._bn2 }, head: linear",
	);
	assert.ok(
		map.prepared.ok,
		JSON.stringify(map.prepared.ok || map.prepared.diagnostics),
	);
	assert.equal(map.prepared.value.plan.train.featureShape.length, 3);
});

const LISTENER = {
	onStart: () => undefined,
	onFeatures: () => undefined,
	onRows: () => undefined,
	onEpoch: () => undefined,
	onWarning: () => undefined,
};

for (const [what, train] of [
	["pixels", "epochs: 1, mixup: { alpha: 0.4 }, cutmix: { alpha: 1 }"],
	["features", "epochs: 8, mixup: { alpha: 0.4, space: features }"],
] as const)
	test(`a run that mixes ${what} learns, and twice gives the same bytes`, async (context) => {
		const { prepared, folder } = await prepareIn(context, train);
		assert.ok(prepared.ok);
		const run = (name: string) =>
			runExperiment(prepared.value, {
				...{ runsFolder: join(folder, "runs"), runId: name },
				...{ cacheFolder: join(folder, "cache"), argv: [], startedAt: 0 },
				...{ signal: new AbortController().signal, report: false },
				listener: LISTENER,
			});
		const [first, second] = [await run("first"), await run("second")];
		assert.equal(first.status, "FINISHED", first.error?.message);
		for (const name of ["predictions.jsonl", "head.safetensors"])
			assert.deepEqual(
				readFileSync(join(first.folder, name)),
				readFileSync(join(second.folder, name)),
			);
		const { metrics } = first;
		assert.ok((metrics["train/accuracy"] ?? 0) <= 1);
		if (what === "features")
			assert.ok(
				(metrics["valid/accuracy"] ?? 0) > 0.5,
				`${metrics["valid/accuracy"]}`,
			);
	});

test("a head that is fitted at once mixes nothing: its cut stays where it was, and what is said beside it is told", async (context) => {
	for (const mix of ["mixup: {}", "cutmix: { space: features }"]) {
		const { prepared } = await prepareIn(
			context,
			mix,
			"freeze: all, head: logistic",
		);
		assert.ok(prepared.ok);
		assert.equal(prepared.value.plan.train.cutTensor, "_flatten");
		assert.match(
			prepared.warnings.map(({ message }) => message).join("\n"),
			/train\.(mixup|cutmix).* no effect/,
		);
	}
});
