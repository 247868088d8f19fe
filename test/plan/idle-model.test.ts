import assert from "node:assert/strict";
import test from "node:test";
import { prepare } from "../../src/prepare.ts";
import { experimentIn, folderFor, tuxpaint } from "../support/graft.ts";

/** Keys of `model` that change nothing are told in a warning: only the network knows it. */

async function warningsOf(context: test.TestContext, model: string) {
	const folder = folderFor(context);
	const file = experimentIn(
		folder,
		`name: idle
data: { root: ${tuxpaint} }
transforms: [Resize: { size: [64, 64] }, ToTensor, Normalize]
model: { weights: none, ${model} }
train: { epochs: 1 }
`,
	);
	const prepared = await prepare(file, {
		...{ sets: [], cacheFolder: folder, hash: false, missing: "warning" },
	});
	assert.ok(prepared.ok, JSON.stringify(prepared));
	return prepared.warnings
		.map(({ code }) => code)
		.filter((code) => code !== "frozen-random-weights");
}

test("int8 without a frozen first layer is a warning", async (context) => {
	const model = "backbone: resnet18, precision: int8, freeze:";
	assert.deepEqual(await warningsOf(context, `${model} ["layer4.*"]`), [
		"int8-without-prefix",
	]);
	assert.deepEqual(await warningsOf(context, `${model} { until: layer1 }`), []);
});

test("global_pool for a feature that is a vector already is a warning, and none for a map or a class token", async (context) => {
	const of = (model: string) => warningsOf(context, model);
	const idle = ["option-without-effect"];
	assert.deepEqual(await of("backbone: resnet18, global_pool: max"), idle);
	assert.deepEqual(await of("backbone: resnet18, global_pool: cls"), idle);
	assert.deepEqual(
		await of("backbone: resnet18, global_pool: max, features: layer4"),
		[],
	);
	assert.deepEqual(
		await of(
			"backbone: resnet18, global_pool: max, replace: { fc: { Linear: 5 } }",
		),
		idle,
	);
	assert.deepEqual(await of("backbone: vit_b_32, global_pool: cls"), []);
});
