import assert from "node:assert/strict";
import test from "node:test";
import { trainBatches } from "../../src/train/batches.ts";
import { drawOrder } from "../../src/train/sampling.ts";

/** 90 photos of class 0, 9 of class 1, 1 of class 3; none of class 2. */
const labels = Int32Array.from({ length: 100 }, (_, index) =>
	index < 90 ? 0 : index < 99 ? 1 : 3,
);

test("class_balanced draws as many rows as there are, each class that has any alike, and within it each row alike", () => {
	const drawn = Array.from({ length: 200 }, (_, epoch) => [
		...drawOrder(labels, "class_balanced", 5, epoch + 1),
	]);
	assert.ok(drawn.every(({ length }) => length === 100));
	const rows = drawn.flat();
	const shareOf = (from: number, to: number) =>
		rows.filter((row) => row >= from && row < to).length / rows.length;
	// torch: WeightedRandomSampler with weights 1/90, 1/9 and 1 draws each class with probability 1/3.
	for (const [from, to] of [
		[0, 90],
		[90, 99],
		[99, 100],
	] as const)
		assert.ok(Math.abs(shareOf(from, to) - 1 / 3) < 0.015);
	for (let row = 90; row < 99; row++)
		assert.ok(Math.abs(shareOf(row, row + 1) - 1 / 27) < 0.008);
	const seen = new Set(rows.filter((row) => row < 90));
	assert.equal(seen.size, 90);
});

test("the draw depends on seed and epoch alone, and shuffle's is as it was", () => {
	const draw = (seed: number, epoch: number) =>
		[...drawOrder(labels, "class_balanced", seed, epoch)].join();
	assert.equal(draw(1, 1), draw(1, 1));
	assert.notEqual(draw(1, 1), draw(1, 2));
	assert.notEqual(draw(1, 1), draw(2, 1));
	const shuffled = [...drawOrder(labels, undefined, 1, 1)];
	assert.deepEqual(
		[...shuffled].sort((a, b) => a - b),
		Array.from({ length: 100 }, (_, index) => index),
	);
	assert.deepEqual([...drawOrder(labels, "shuffle", 1, 1)], shuffled);
});

test("an epoch of drawn batches counts as many photos as there are", () => {
	const rows = {
		features: Float32Array.from(labels),
		shape: [1],
		labels,
	};
	const options = { batch_size: 32, sampling: "class_balanced" } as const;
	const sizes: number[] = [];
	for (const batch of trainBatches(rows, options, 4, 0, 1)) {
		sizes.push(batch.labels.length);
		assert.deepEqual([...batch.features], [...batch.labels], "its own labels");
	}
	assert.deepEqual(sizes, [32, 32, 32, 4]);
});
