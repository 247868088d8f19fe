import assert from "node:assert/strict";
import test from "node:test";
import { foldMean } from "../../src/runs/evaluation/folds.ts";
import { assignmentsOf, dealFolds } from "../../src/train/folded.ts";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../support/graft.ts";

/** Folds, their mean, and `graft crossval` on the embedded photos. */

test("each row is held out once a repeat, classes are spread, copies stay together", () => {
	const labels = Int32Array.from({ length: 60 }, (_, row) => row % 3);
	const groups = Array.from(labels, (_, row) => (row < 6 ? "copy" : `${row}`));
	const folds = dealFolds(labels, groups, { folds: 4, repeats: 3, seed: 1 });
	assert.equal(folds.length, 12);
	for (const repeat of [1, 2, 3]) {
		const own = folds.filter((fold) => fold.repeat === repeat);
		const held = own.flatMap((fold) => [...fold.held]);
		assert.deepEqual(
			held.sort((a, b) => a - b),
			[...labels.keys()],
		);
		for (const { held, train } of own) {
			assert.equal(held.length + train.length, 60);
			const copies = [...held].filter((row) => row < 6).length;
			assert.ok(copies === 0 || copies === 6, `${copies} of 6 copies`);
			for (const label of [0, 1, 2]) {
				const photos = [...held].filter((row) => labels[row] === label).length;
				assert.ok(photos >= 4, `${photos} of class ${label}`);
			}
		}
	}
	const [first, second] = assignmentsOf(folds, 60);
	assert.notDeepEqual(first, second);
});

test("the interval of folds is Nadeau and Bengio's, wider than that of independent scores", () => {
	// s² = 0.001, J = 5, ratio 1/4: half = t(0.975, 4) sqrt(0.001 (0.2 + 0.25)).
	const scores = [0.86, 0.88, 0.9, 0.92, 0.94];
	const { mean, low, high, spread } = foldMean(scores, 1 / 4);
	assert.ok(Math.abs(mean - 0.9) < 1e-12);
	assert.ok(Math.abs(spread ** 2 - 0.001) < 1e-12);
	const half = 2.7764451051977987 * Math.sqrt(0.001 * 0.45);
	assert.ok(Math.abs((low ?? 0) - (0.9 - half)) < 1e-9);
	assert.ok(Math.abs((high ?? 0) - Math.min(1, 0.9 + half)) < 1e-9);
});

test("crossval predicts every photo without having seen it, the same each time, for heads of both kinds", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	for (const [name, rest] of [
		["linear", "train: { optimizer: adam, learning_rate: 0.005, epochs: 4 }"],
		["{ logistic: { C: 1 } }", ""],
	] as const) {
		const file = experimentIn(
			folder,
			`data: { root: ${JSON.stringify(tuxpaint)} }\ntransforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]\nmodel: { backbone: efficientnet_lite0, head: ${name} }\n${rest}\n`,
		);
		const args = ["crossval", file, "--folds", "4", "--format", "json"];
		const ended = await graft([...args, "--repeats", "2"], env);
		assert.equal(ended.code, 0, ended.stderr);
		const found = JSON.parse(ended.stdout);
		assert.equal(found.photos, 147);
		assert.equal(found.evaluation.photos, 147);
		assert.equal(found.scores.length, 8);
		assert.ok(found.accuracy.mean > 0.85, String(found.accuracy.mean));
		assert.ok(found.accuracy.low < found.accuracy.mean);
		const again = await graft([...args, "--repeats", "2"], env);
		assert.equal(again.stdout, ended.stdout);
	}
});

test("what cannot be cross-validated says why", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const file = experimentIn(
		folder,
		`data: { root: ${JSON.stringify(tuxpaint)} }\nmodel: { backbone: efficientnet_lite0 }\ntransforms: { train: [{ Resize: { size: [224, 224] } }, RandomHorizontalFlip, ToTensor, Normalize], eval: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize] }\n`,
	);
	const random = await graft(["crossval", file], env);
	assert.equal(random.code, 2);
	assert.match(random.stderr, /crossval-random.*RandomHorizontalFlip/s);
	for (const [args, words] of [
		[["--folds", "1"], /at least 2/],
		[["--folds", "x"], /whole number/],
		[["--repeats", "0"], /from 1 to 1000/],
		[["--repeats", "99999999999"], /from 1 to 1000/],
		[["--folds", "99999999999999999999"], /whole number/],
	] as const) {
		const wrong = await graft(["crossval", file, ...args], env);
		assert.equal(wrong.code, 2);
		assert.match(wrong.stderr, words);
	}
});
