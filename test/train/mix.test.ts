import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { random } from "../../src/random.ts";
import { trainBatches } from "../../src/train/batches.ts";
import { cutAt, drawBeta, drawMix, mixBatch } from "../../src/train/mix.ts";

interface Mixes {
	readonly shape: readonly number[];
	readonly features: readonly number[];
	readonly labels: readonly number[];
	readonly cases: readonly {
		readonly kind: "mixup" | "cutmix";
		readonly lambda: number;
		readonly x?: number;
		readonly y?: number;
		readonly features: readonly number[];
		readonly targets: readonly number[];
	}[];
	readonly beta: Readonly<Record<string, readonly number[]>>;
}

const torch = JSON.parse(
	readFileSync(new URL("golden/mixes.json", import.meta.url), "utf8"),
) as Mixes;

const batch = () => ({
	features: Float32Array.from(torch.features),
	labels: Int32Array.from(torch.labels),
});

function near(actual: ArrayLike<number>, expected: readonly number[]): void {
	assert.equal(actual.length, expected.length);
	for (const [index, value] of expected.entries())
		assert.ok(Math.abs(actual[index] - value) < 1e-6);
}

for (const kind of ["mixup", "cutmix"] as const)
	test(`${kind} of the same lambda and place equals torchvision's, photos and targets`, () => {
		const cases = torch.cases.filter((one) => one.kind === kind);
		assert.ok(cases.length >= 5);
		for (const { lambda, x = 0, y = 0, features, targets } of cases) {
			const [, height = 0, width = 0] = torch.shape;
			const mix =
				kind === "mixup"
					? { kind, lambda }
					: cutAt(lambda, x, y, height, width);
			const mixed = mixBatch(batch(), torch.shape, mix, 3);
			near(mixed.features, features);
			near(mixed.targets ?? [], targets);
			const shares = (row: number) => targets.slice(3 * row, 3 * row + 3);
			mixed.labels.forEach((label, row) => {
				const largest = Math.max(...shares(row));
				assert.ok(shares(row)[label] >= largest - 1e-6, "the larger share");
			});
		}
	});

test("the lambda drawn is distributed as Beta(alpha, alpha), small alphas too", () => {
	for (const [alpha, expected] of Object.entries(torch.beta)) {
		const stream = random(1, "beta", alpha);
		const n = 20_000;
		const drawn = Array.from({ length: n }, () =>
			drawBeta(Number(alpha), stream),
		);
		assert.ok(drawn.every((value) => value >= 0 && value <= 1));
		for (const [index, at] of [0.001, 0.1, 0.3, 0.45].entries()) {
			const p = expected[index] as number;
			const share = drawn.filter((value) => value <= at).length / n;
			// Five standard deviations.
			const room = 5 * Math.sqrt((p * (1 - p)) / n) + 1e-3;
			assert.ok(
				Math.abs(share - p) < room,
				`alpha ${alpha}, below ${at}: ${share}, scipy says ${p}`,
			);
		}
	}
});

test("of two kinds each is as likely, and prob leaves batches as they are", () => {
	const options = { alpha: 1, prob: 0.5, space: "features" } as const;
	const kinds = { mixup: 0, cutmix: 0, none: 0 };
	for (let index = 0; index < 2000; index++) {
		const stream = random(0, "mix", 1, index);
		const mix = drawMix({ mixup: options, cutmix: options }, [2, 5, 7], stream);
		kinds[mix?.kind ?? "none"]++;
	}
	assert.ok(Math.abs(kinds.none - 1000) < 120, JSON.stringify(kinds));
	assert.ok(Math.abs(kinds.mixup - 500) < 100, JSON.stringify(kinds));
	const one = { ...options, prob: 1 };
	for (let index = 0; index < 20; index++)
		assert.equal(
			drawMix({ cutmix: one }, [2, 5, 7], random(0, "mix", 1, index))?.kind,
			"cutmix",
		);
});

test("a batch that is not mixed keeps its photos, and its targets are one-hot, so that all steps divide alike", () => {
	const same = mixBatch(batch(), torch.shape, undefined, 3);
	assert.deepEqual(same.features, batch().features);
	assert.deepEqual(
		[...(same.targets ?? [])],
		[0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0],
	);
});

test("targets of several labels are mixed as they are", () => {
	const targets = Float32Array.of(1, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1);
	const given = { ...batch(), labels: new Int32Array(4).fill(-1), targets };
	const mixed = mixBatch(
		given,
		torch.shape,
		{ kind: "mixup", lambda: 0.75 },
		3,
	);
	near(
		mixed.targets ?? [],
		[1, 0.75, 0.25, 0.25, 0.25, 0, 0, 0.75, 0, 0.75, 0.25, 0.75],
	);
	assert.deepEqual([...targets.slice(0, 3)], [1, 1, 0], "the rows' own stay");
});

test("a mixed batch depends on seed, epoch and its place alone", () => {
	const rows = {
		features: Float32Array.from({ length: 44 }, (_, index) => index),
		shape: [4],
		labels: Int32Array.from({ length: 11 }, (_, index) => index % 3),
	};
	const mixup = { alpha: 0.4, prob: 0.8, space: "features" } as const;
	const all = (epoch: number, seed = 0) =>
		[...trainBatches(rows, { batch_size: 4, mixup }, 3, seed, epoch)].map(
			({ features, labels, targets }) => ({
				features: [...features],
				labels: [...labels],
				targets: [...(targets ?? [])],
			}),
		);
	// One batch is drawn after the other: what was yielded before is copied first.
	const copied = (epoch: number, seed = 0) => {
		const out: number[][] = [];
		for (const one of trainBatches(
			rows,
			{ batch_size: 4, mixup },
			3,
			seed,
			epoch,
		))
			out.push([...one.features, ...(one.targets ?? [])]);
		return out;
	};
	assert.deepEqual(copied(1), copied(1));
	assert.notDeepEqual(copied(1), copied(2));
	assert.notDeepEqual(copied(1), copied(1, 7));
	assert.deepEqual(
		all(1).map(({ labels }) => labels.length),
		[4, 4, 3],
	);
	// Every photo's shares sum to one, and every photo stays its own for the most part or gives way to its neighbour.
	for (const { targets } of all(1))
		for (let row = 0; row * 3 < targets.length; row++) {
			const sum = targets.slice(3 * row, 3 * row + 3).reduce((a, b) => a + b);
			assert.ok(Math.abs(sum - 1) < 1e-6);
		}
});
