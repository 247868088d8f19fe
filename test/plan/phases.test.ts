import assert from "node:assert/strict";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { planInput } from "../../src/cli/plan-input.ts";
import { planJson } from "../../src/plan/json.ts";
import { printPlan } from "../../src/plan/print.ts";
import { prepare } from "../../src/prepare.ts";
import { experimentIn, folderFor, tuxpaint } from "../support/graft.ts";

/** vgg16 with three ways to freeze it. */
async function preparedIn(context: TestContext, train: string, model = "") {
	const folder = folderFor(context);
	const file = experimentIn(
		folder,
		`data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [Resize: { size: [64, 64] }, ToTensor, Normalize]
model:
  backbone: vgg16
  weights: none
  head: linear
${model}
train: ${train}
`,
	);
	const prepared = await prepare(file, {
		...{ sets: [], cacheFolder: join(folder, "cache"), hash: true },
		missing: "error",
	});
	return { prepared, file, cache: join(folder, "cache") };
}

const UNFREEZING = `
  phases:
    - { name: probe, freeze: all, epochs: 3, learning_rate: 0.1 }
    - { name: last, freeze: ["features.*", classifier.0], epochs: 2 }
    - { name: more, freeze: ["features.*"], epochs: 1, batch_size: 8 }`;

test("each phase is cut before what it trains, and the whole plan before all of them", async (context) => {
	const { prepared } = await preparedIn(context, UNFREEZING);
	assert.ok(prepared.ok);
	const { plan, loaded } = prepared.value;
	assert.deepEqual(
		plan.phases?.map(({ name, trainable }) => [name, trainable.length]),
		[
			["probe", 2],
			["last", 4],
			["more", 6],
		],
	);
	const cuts = plan.phases?.map(({ eval: { live } }) => live) ?? [];
	assert.ok((cuts[0] ?? 0) > (cuts[1] ?? 0) && (cuts[1] ?? 0) > (cuts[2] ?? 0));
	assert.equal(plan.eval.cutTensor, plan.phases?.at(-1)?.eval.cutTensor);
	assert.equal(plan.trainable.length, 6);
	assert.equal(loaded.experiment.train.epochs, 6);
});

test("what an earlier phase has trained is no part of a later phase's prefix, though it is frozen there", async (context) => {
	const { prepared } = await preparedIn(
		context,
		`
  phases:
    - { name: deep, freeze: ["features.*"], epochs: 1 }
    - { name: probe, freeze: all, epochs: 1 }`,
	);
	assert.ok(prepared.ok);
	const [deep, probe] = prepared.value.plan.phases ?? [];
	assert.equal(probe?.eval.cutTensor, deep?.eval.cutTensor);
	assert.equal(probe?.trainable.length, 2);
	assert.equal(deep?.eval.cutReason, "classifier.0 learns");
	assert.match(probe?.eval.cutReason ?? "", /has learnt in an earlier phase$/);
});

test("a layer that no network has is said at the phase that names it, once", async (context) => {
	const { prepared } = await preparedIn(
		context,
		`
  phases:
    - { epochs: 1 }
    - { freeze: [featurs.*], epochs: 1 }
    - { epochs: 1 }`,
	);
	assert.ok(!prepared.ok);
	const [problem, ...more] = prepared.diagnostics;
	assert.deepEqual(more, []);
	assert.equal(problem?.code, "unknown-layer");
	assert.equal(problem?.suggestion, "features.*");
	assert.match(problem?.source ?? "", /featurs/);
});

test("the plan tells each phase on its own, for people and for programs", async (context) => {
	const { prepared, file, cache } = await preparedIn(context, UNFREEZING);
	assert.ok(prepared.ok);
	const input = planInput(file, prepared.value, cache, false);
	const text = printPlan(input);
	for (const line of [
		"── phase 1 of 3: probe",
		"── phase 2 of 3: last",
		"── phase 3 of 3: more",
		"learning rate 0.1, 3 epochs of batches of 32",
		"learning rate 0.001, 1 epoch of batches of 8",
	])
		assert.ok(text.includes(line), `${line} in\n${text}`);
	const { phases } = planJson(input);
	assert.deepEqual(
		phases?.map(({ name, training }) => [name, training.epochs]),
		[
			["probe", 3],
			["last", 2],
			["more", 1],
		],
	);
});
