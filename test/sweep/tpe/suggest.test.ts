import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { random } from "../../../src/random.ts";
import {
	logBetween,
	truncatedQuantile,
} from "../../../src/sweep/tpe/normal.ts";
import {
	type Dimension,
	logDensityAt,
	type Point,
	parzenOf,
} from "../../../src/sweep/tpe/parzen.ts";
import {
	type SeenPoint,
	split,
	suggest,
	type TpeSettings,
} from "../../../src/sweep/tpe/suggest.ts";

const golden = JSON.parse(
	readFileSync(new URL("golden/tpe.json", import.meta.url), "utf8"),
) as {
	readonly space: readonly Dimension[];
	readonly at: readonly Point[];
	readonly cases: readonly {
		readonly observed: readonly Point[];
		readonly each: Readonly<Record<string, readonly number[]>>;
		readonly together: readonly number[];
	}[];
	readonly histories: readonly {
		readonly points: readonly Point[];
		readonly losses: readonly number[];
		readonly states: readonly SeenPoint["state"][];
		readonly epochs: readonly number[];
		readonly below: readonly number[];
		readonly above: readonly number[];
	}[];
	readonly quantiles: readonly Record<"u" | "a" | "b" | "x", number>[];
	readonly masses: readonly Record<"a" | "b" | "log", number>[];
};

const SETTINGS: TpeSettings = {
	seed: 0,
	gamma: 0.1,
	candidates: 24,
	multivariate: true,
};

function close(actual: number, expected: number, tolerance: number): void {
	const error = Math.abs(actual - expected);
	assert.ok(
		error <= tolerance * Math.max(1, Math.abs(expected)),
		`${actual} against ${expected}`,
	);
}

test("the densities of points are Optuna's, of each key and of all together", () => {
	assert.equal(golden.cases.length, 7);
	for (const { observed, each, together } of golden.cases) {
		for (const [place, dimension] of golden.space.entries()) {
			const only = (point: Point) => [point[place] as number];
			const parzen = parzenOf([dimension], observed.map(only));
			for (const [n, point] of golden.at.entries())
				close(
					logDensityAt(parzen, only(point)),
					each[dimension.key]?.[n] as number,
					1e-9,
				);
		}
		const parzen = parzenOf(golden.space, observed);
		for (const [n, point] of golden.at.entries())
			close(logDensityAt(parzen, point), together[n] as number, 1e-9);
	}
});

test("a history is split into the best and the others as Optuna splits it, with pruned and running trials and equal scores", () => {
	for (const each of golden.histories) {
		const history = each.points.map(
			(point, n): SeenPoint => ({
				point,
				state: each.states[n] as SeenPoint["state"],
				loss: each.losses[n] as number,
				epochs: each.epochs[n] as number,
			}),
		);
		const { good, others } = split(history, 0.1);
		assert.deepEqual(
			good,
			each.below.map((n) => each.points[n]),
		);
		assert.deepEqual(
			others,
			each.above.map((n) => each.points[n]),
		);
	}
});

test("quantiles and masses of the normal distribution are Optuna's, in the tails too", () => {
	for (const { u, a, b, x } of golden.quantiles)
		close(truncatedQuantile(u, a, b), x, 1e-9);
	for (const { a, b, log } of golden.masses) close(logBetween(a, b), log, 1e-9);
});

test("a suggestion is inside the bounds, of the right kind, and a function of history, seed and index alone", () => {
	const [, , , large] = golden.histories;
	assert.ok(large);
	const history = large.points.slice(0, 40).map(
		(point, n): SeenPoint => ({
			point,
			state: "finished",
			loss: large.losses[n] as number,
			epochs: 1,
		}),
	);
	const seen = new Set<string>();
	for (const multivariate of [true, false])
		for (let index = 0; index < 20; index++) {
			const settings = { ...SETTINGS, multivariate };
			const point = suggest(golden.space, history, settings, index);
			assert.deepEqual(suggest(golden.space, history, settings, index), point);
			seen.add(JSON.stringify(point));
			for (const [place, { kind, low, high }] of golden.space.entries()) {
				const value = point[place] as number;
				assert.ok(value >= low && value <= high, `${kind} ${value}`);
				if (!kind.endsWith("uniform")) assert.ok(Number.isInteger(value));
			}
		}
	assert.equal(seen.size, 40);
});

/** Branin-Hoo over [-5, 10] x [0, 15]; three minima of 0.397887. */
function branin([x = 0, y = 0]: Point): number {
	const a = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6;
	return a * a + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
}

/** Least at a rate of 0.003 and a width of 64. */
function valley([rate = 1, width = 1]: Point): number {
	return Math.log10(rate / 0.003) ** 2 + Math.log2(width / 64) ** 2 / 4;
}

const PLANE: readonly Dimension[] = [
	{ key: "x", kind: "uniform", low: -5, high: 10 },
	{ key: "y", kind: "uniform", low: 0, high: 15 },
];

const SEARCHES: readonly [
	string,
	readonly Dimension[],
	(point: Point) => number,
	boolean,
][] = [
	["Branin", PLANE, branin, true],
	["Branin", PLANE, branin, false],
	[
		"a valley in logarithms",
		[
			{ key: "rate", kind: "log_uniform", low: 1e-6, high: 1 },
			{ key: "width", kind: "log_integer", low: 8, high: 1024 },
		],
		valley,
		true,
	],
];

function draw(space: readonly Dimension[], seed: number, index: number): Point {
	return space.map(({ key, kind, low, high }) => {
		const u = random(seed, "start", index, key).uniform();
		const value = kind.startsWith("log")
			? low * (high / low) ** u
			: low + (high - low) * u;
		return kind.endsWith("integer") ? Math.round(value) : value;
	});
}

/** The best of 60: ten at random, the others asked for in rounds. */
function bestOf60(
	space: readonly Dimension[],
	f: (point: Point) => number,
	settings: TpeSettings,
	batch: number,
): number {
	const history: SeenPoint[] = [];
	const seen = (point: Point): SeenPoint => ({
		point,
		state: "finished",
		loss: f(point),
		epochs: 1,
	});
	for (let index = 0; index < 10; index++)
		history.push(seen(draw(space, settings.seed, index)));
	while (history.length < 60) {
		const round: SeenPoint[] = [];
		while (round.length < Math.min(batch, 60 - history.length)) {
			const known = [...history, ...round];
			const point = suggest(space, known, settings, known.length);
			round.push({ point, state: "running", loss: 0, epochs: 0 });
		}
		history.push(...round.map(({ point }) => seen(point)));
	}
	return Math.min(...history.map(({ loss }) => loss));
}

for (const [name, space, f, multivariate] of SEARCHES)
	test(`on ${name} the best of 60 by TPE in rounds of 4, ${multivariate ? "all keys together" : "each key on its own"}, beats the best of 60 random points for most of 20 seeds`, (t) => {
		let wins = 0;
		for (let seed = 0; seed < 20; seed++) {
			const randomBest = Math.min(
				...Array.from({ length: 60 }, (_, i) => f(draw(space, seed, i))),
			);
			const settings = { ...SETTINGS, seed, multivariate };
			if (bestOf60(space, f, settings, 4) < randomBest) wins++;
		}
		t.diagnostic(`${wins} of 20`);
		assert.ok(wins >= 14, `${wins} of 20`);
	});
