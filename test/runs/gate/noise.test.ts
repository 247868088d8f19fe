import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { random } from "../../../src/random.ts";
import { normalTail, studentTail } from "../../../src/runs/distributions.ts";
import { type Paired, testDrop } from "../../../src/runs/gate/noise.ts";

/** Against scipy (golden/golden.py), and by simulation: how often the gate is wrong. */

const golden = JSON.parse(
	readFileSync(new URL("golden/golden.json", import.meta.url), "utf8"),
) as {
	readonly normal: readonly [number, number][];
	readonly student: readonly [number, number, number][];
	readonly mcnemar: readonly [number, number, number][];
};

function near(actual: number, expected: number, what: string): void {
	const error = Math.abs(actual - expected) / Math.max(expected, 1e-300);
	assert.ok(error < 1e-9, `${what}: ${actual}, scipy says ${expected}`);
}

test("tails of the normal and of Student's t are scipy's", () => {
	for (const [z, p] of golden.normal) near(normalTail(z), p, `z ${z}`);
	for (const [t, df, p] of golden.student)
		near(studentTail(t, df), p, `t ${t}, df ${df}`);
});

test("with one seed a drop is judged by McNemar's mid-p, as scipy computes it", () => {
	for (const [b, c, p] of golden.mcnemar) {
		const photos = [
			...Array(b).fill([1, 0]),
			...Array(c).fill([0, 1]),
			...Array(50).fill([1, 1]),
			...Array(20).fill([0, 0]),
		] as [number, number][];
		const before = photos.map(([right]) => String(right));
		const after = photos.map(([, right]) => String(right));
		near(testDrop(pair(before, after), 0).pValue, p, `${b} against ${c}`);
	}
});

test("a drop that is allowed is no drop", () => {
	const before = [...Array(100).fill("1")];
	const after = before.map((_, i) => (i < 10 ? "0" : "1"));
	assert.ok(testDrop(pair(before, after), 0).pValue < 0.001);
	assert.ok(testDrop(pair(before, after), 0.1).pValue >= 0.5);
	assert.ok(testDrop(pair(before, after), 0.03).pValue < 0.05);
});

test("unchanged code with other seeds: at most 1 % false alarms, whether photos flip one by one or together", () => {
	for (const [photos, seeds, together] of [
		[5000, 3, 0],
		[5000, 3, 0.004],
		[400, 3, 0],
		[400, 5, 0.01],
		[43, 3, 0],
		[43, 2, 0.02],
		[1000, 1, 0],
	] as const) {
		const alarms = rate(250, (trial) => {
			const world = openWorld(photos, 0.03, trial);
			return pair(
				world.runs(seeds, 0, together, "before"),
				world.runs(seeds, 0, together, "after"),
			);
		});
		// 1 % of 250 is 2.5; more than 7 has a chance below 1 % where the level holds.
		assert.ok(
			alarms * 250 <= 7,
			`${photos} photos, ${seeds} seeds, together ${together}: ${alarms}`,
		);
	}
});

test("a drop of one point on 5,000 photos of which 3 % flip is seen in 95 of 100 cases", () => {
	for (const seeds of [1, 3, 5]) {
		const seen = rate(200, (trial) => {
			const world = openWorld(5000, 0.03, trial);
			return pair(
				world.runs(seeds, 0, 0, "before"),
				world.runs(seeds, 0.01, 0, "after"),
			);
		});
		assert.ok(seen >= 0.95, `${seeds} seeds: ${seen}`);
	}
});

/** Share of trials that the gate calls a drop at its level of 1 %. */
function rate(trials: number, make: (trial: number) => Paired): number {
	let alarms = 0;
	for (let trial = 0; trial < trials; trial++)
		if (testDrop(make(trial), 0).pValue < 0.01) alarms++;
	return alarms / trials;
}

/**
 * Photos most of which are always right or always wrong; some are on the edge, so that of two runs `flipping` of all
 * photos differ at most, a drop of a point included. `drop` takes rightness from sure photos; `together` moves a run's
 * edge photos all at once.
 */
function openWorld(photos: number, flipping: number, trial: number) {
	const draw = random(trial, "world");
	// A photo on the edge is right in half the runs, so two runs differ on half of those.
	const edge = Math.round(photos * flipping * 1.3);
	const chance = Array.from({ length: photos }, (_, i) => {
		if (i < edge) return 0.5;
		return draw.uniform() < 0.92 ? 1 : 0;
	});
	return {
		runs(seeds: number, drop: number, together: number, side: string) {
			const noise = random(trial, "runs", side);
			const lost = new Set<number>();
			for (let i = edge; lost.size < Math.round(drop * photos); i++)
				if (chance[i] === 1) lost.add(i);
			const columns = Array.from({ length: seeds }, () => {
				const shift = (together * noise.normal() * photos) / Math.max(1, edge);
				return chance.map((p, i) => {
					if (lost.has(i)) return "0";
					const moved = p === 0.5 ? 0.5 + shift : p;
					return noise.uniform() < moved ? "1" : "0";
				});
			});
			return Array.from({ length: photos }, (_, i) =>
				columns.map((column) => column[i]).join(""),
			);
		},
	};
}

/** From one text a photo, a character a seed. */
function pair(before: readonly string[], after: readonly string[]): Paired {
	const count = (rights: readonly string[]) =>
		rights.map((right) => right.split("1").length - 1);
	const accuracies = (rights: readonly string[]) =>
		[...(rights[0] ?? "")].map(
			(_, seed) =>
				rights.filter((right) => right[seed] === "1").length / rights.length,
		);
	return {
		before: count(before),
		after: count(after),
		seedsBefore: before[0]?.length ?? 0,
		seedsAfter: after[0]?.length ?? 0,
		accuraciesBefore: accuracies(before),
		accuraciesAfter: accuracies(after),
	};
}
