import assert from "node:assert/strict";
import test from "node:test";
import { RunError } from "../../../src/diagnostic.ts";
import type { Graph } from "../../../src/model/types.ts";
import { stackKey } from "../../../src/train/stacked/stack-key.ts";
import type { StackedMember } from "../../../src/train/stacked/types.ts";
import type { Rows } from "../../../src/train/types.ts";
import { mlpHead, vggClassifier } from "../support.ts";
import { alone, memberOf, rows, together } from "./support.ts";

const plain = memberOf("plain", {});

const keyOf = (member: StackedMember, change: Partial<StackedMember> = {}) =>
	stackKey({ ...member, ...change });

test("heads of one place share a key whatever their options, seeds and hidden widths", () => {
	const key = keyOf(plain);
	assert.ok(key);
	for (const wish of [
		{ seed: 4 },
		{ options: { learning_rate: 3, epochs: 1, batch_size: 7 } },
		{ hidden: [12] },
		{ logSoftmax: true },
		{ bias: false },
	])
		assert.equal(keyOf(memberOf("other", wish)), key);
	assert.notEqual(keyOf(memberOf("narrow", {}, 43)), key);
});

test("what draws, what is frozen and what is no chain of Linear layers has no key", () => {
	const mlp = mlpHead(128, 9, 5);
	const names = mlp.initializers.map(({ name }) => name);
	const dropping = { trainSuffix: mlp, evalSuffix: mlp, trainable: names };
	assert.equal(keyOf(plain, dropping), undefined);
	const vgg = vggClassifier();
	assert.equal(keyOf(plain, { trainSuffix: vgg, evalSuffix: vgg }), undefined);
	const [weight = ""] = plain.trainable;
	assert.equal(keyOf(plain, { trainable: [weight] }), undefined);
	assert.equal(
		keyOf(plain, { evalSuffix: memberOf("m", { hidden: [3] }).evalSuffix }),
		undefined,
	);
	assert.equal(
		keyOf(plain, {
			...hugeSuffixes(plain.trainSuffix),
		}),
		undefined,
	);
	const { nodes } = plain.trainSuffix;
	const scaled = nodes.map((node) => ({
		...node,
		attributes: { ...node.attributes, alpha: 2 },
	}));
	const suffix = { ...plain.trainSuffix, nodes: scaled };
	assert.equal(
		keyOf(plain, { trainSuffix: suffix, evalSuffix: suffix }),
		undefined,
	);
});

/** As many numbers as VGG16's first classifier layer has. */
function hugeSuffixes(suffix: Graph) {
	const initializers = suffix.initializers.map((item) => ({
		...item,
		shape: item.shape.length === 2 ? [4096, 25_088] : [4096],
	}));
	const huge = { ...suffix, initializers };
	return {
		trainSuffix: huge,
		evalSuffix: huge,
		trainable: initializers.map(({ name }) => name),
	};
}

test("a member that diverges fails with fit's own words, and the others have the bytes they have without it", async () => {
	const wild = memberOf("wild", { options: { learning_rate: 1e38 } });
	const others = [plain, memberOf("seeded", { seed: 2 })];
	const stack = await together([wild, ...others]);
	const without = await together(others);
	const failed = stack.get("wild")?.failed;
	assert.equal(failed?.code, "diverged");
	await assert.rejects(alone(wild), (error) => {
		assert.ok(error instanceof RunError);
		assert.equal(failed?.message, error.message);
		return true;
	});
	for (const { id } of others)
		assert.deepEqual(stack.get(id)?.end, without.get(id)?.end);
});

test("features that are not finite are told apart from divergence", async () => {
	const features = rows.train.features.slice();
	features[17] = Number.NaN;
	const train = { ...rows.train, features };
	const stack = await together([plain], { ...rows, train });
	assert.equal(stack.get("plain")?.failed?.code, "features-not-finite");
});

test("a member that is told to stop ends after that epoch with its weights of then", async () => {
	const stopped = memberOf("stopped", {
		onEpoch: ({ epoch }) => (epoch === 2 ? "stop" : "go on"),
	});
	const short = memberOf("short", { options: { epochs: 2 } });
	const stack = await together([stopped, plain, short]);
	assert.equal(stack.get("stopped")?.epochs.length, 2);
	assert.equal(stack.get("stopped")?.end?.ended, "asked");
	assert.deepEqual(
		stack.get("stopped")?.end?.trained.get("head.weight"),
		stack.get("short")?.end?.trained.get("head.weight"),
	);
	assert.equal(stack.get("plain")?.epochs.length, 6);
});

test("steps are told of the members that log them, and of no other", async () => {
	const logging = memberOf("logging", { options: { log: "step" } });
	const stack = await together([plain, logging]);
	assert.deepEqual(stack.get("plain")?.steps, []);
	assert.deepEqual(stack.get("logging")?.steps, (await alone(logging)).steps);
});

test("an abort ends all members within moments, without an end", async () => {
	const controller = new AbortController();
	const endless = ["a", "b"].map((id) =>
		memberOf(id, { options: { epochs: 1_000_000 } }),
	);
	setTimeout(() => controller.abort(), 30);
	const stack = await together(endless, rows, { signal: controller.signal });
	for (const { end } of stack.values()) assert.equal(end, undefined);
});

test("an empty split is refused", async () => {
	const empty: Rows = {
		features: new Float32Array(0),
		labels: new Int32Array(0),
		shape: [128],
	};
	await assert.rejects(
		together([plain], { ...rows, valid: empty }),
		/the valid split has no readable photo/,
	);
});

test("the caller's weights and rows stay as they are", async () => {
	const weight = plain.weights.get("head.weight")?.data;
	const before = [
		Array.from(weight ?? [], Number),
		rows.train.features.slice(),
	];
	await together([plain]);
	assert.deepEqual(Array.from(weight ?? [], Number), before[0]);
	assert.deepEqual(rows.train.features, before[1]);
});
