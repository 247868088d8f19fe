import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { compareTrials } from "../../../src/sweep/compare/compare.ts";
import { comparisonJson } from "../../../src/sweep/compare/json.ts";
import { comparisonText } from "../../../src/sweep/compare/text.ts";
import type { Effect } from "../../../src/sweep/compare/types.ts";
import type { TrialState } from "../../../src/sweep/types.ts";

/** What axes do, against scipy (golden/golden.py); ranks, failed and odd trials. */

const golden = JSON.parse(
	readFileSync(new URL("golden/golden.json", import.meta.url), "utf8"),
) as {
	readonly trials: readonly {
		rate: number;
		kind: string;
		seed: number;
		score: number;
	}[];
	readonly explains: { readonly rate: number; readonly kind: number };
	readonly correlation: number;
	readonly best: string;
	readonly pairs: Readonly<
		Record<
			string,
			{ difference: number; low: number; high: number; holm: number }
		>
	>;
	readonly point: { mean: number; low: number; high: number };
};

const objective = { metric: "valid/accuracy", mode: "max" } as const;

function trial(
	index: number,
	values: TrialState["values"],
	score: number | undefined,
	status: TrialState["status"] = "FINISHED",
): TrialState {
	return {
		...{ trial: `t${index}`, index, runId: `run-${index}`, status, values },
		metrics: score === undefined ? {} : { "valid/accuracy": score },
	};
}

const trials = golden.trials.map(({ rate, kind, seed, score }, index) =>
	trial(index, { "train.learning_rate": rate, kind, seed }, score),
);
const about = { sweepId: "s", name: "s", objective };

function near(actual: number | undefined, expected: number, what: string) {
	assert.ok(
		Math.abs((actual ?? Number.NaN) - expected) < 1e-9,
		`${what}: ${actual}, scipy says ${expected}`,
	);
}

test("seeds make one point, its interval is Student's, points are ranked", () => {
	const { points, axes } = compareTrials({ ...about, trials }, 43);
	assert.deepEqual(axes, ["train.learning_rate", "kind"]);
	assert.equal(points.length, 9);
	const point = points.find(
		({ values }) =>
			values["train.learning_rate"] === 0.1 && values.kind === "c",
	);
	near(point?.mean, golden.point.mean, "mean");
	near(point?.interval?.low, golden.point.low, "low");
	near(point?.interval?.high, Math.min(1, golden.point.high), "high");
	const means = points.map(({ mean }) => mean ?? Number.NaN);
	assert.deepEqual(
		means,
		[...means].sort((a, b) => b - a),
	);
	assert.equal(points[0]?.rank, 1);
});

test("variance explained, rank correlation and matched pairs are scipy's", () => {
	const { effects } = compareTrials({ ...about, trials }, undefined);
	const [rate, kind] = effects as [Effect, Effect];
	near(rate.explains, golden.explains.rate, "rate explains");
	near(kind.explains, golden.explains.kind, "kind explains");
	near(rate.correlation, golden.correlation, "correlation");
	assert.equal(kind.pairs.length, 2);
	for (const pair of kind.pairs) {
		assert.equal(pair.better, golden.best);
		const want = golden.pairs[String(pair.other)];
		assert.ok(want);
		assert.equal(pair.pairs, 12);
		near(pair.difference, want.difference, "difference");
		near(pair.low, want.low, "low");
		near(pair.high, want.high, "high");
		near(pair.pValue, want.holm, "p");
	}
});

test("less is better where the objective says so", () => {
	const loss = trials.map((one) => ({
		...one,
		metrics: { "valid/loss": 1 - (one.metrics["valid/accuracy"] ?? 0) },
	}));
	const down = { metric: "valid/loss", mode: "min" } as const;
	const { points, effects } = compareTrials(
		{ ...about, objective: down, trials: loss },
		undefined,
	);
	const up = compareTrials({ ...about, trials }, undefined);
	assert.deepEqual(
		points.map(({ values }) => values),
		up.points.map(({ values }) => values),
	);
	assert.equal(effects[1]?.pairs[0]?.better, golden.best);
});

test("failed, pending, pruned and not-a-number trials stand last and harm nothing", () => {
	const odd = [
		trial(0, { a: 1 }, undefined, "FAILED"),
		trial(1, { a: 2 }, 0.5),
		trial(2, { a: 3 }, undefined, "PENDING"),
		trial(3, { a: 4 }, Number.NaN),
		trial(4, { a: 5 }, 0.7, "PRUNED"),
		trial(5, { b: 1 }, 0.5),
	];
	const comparison = compareTrials({ ...about, trials: odd }, 10);
	assert.deepEqual(
		comparison.points.map(({ rank, values }) => [rank, values]),
		[
			[1, { a: 5 }],
			[2, { a: 2 }],
			[2, { b: 1 }],
			[4, { a: 4 }],
			[undefined, { a: 1 }],
			[undefined, { a: 3 }],
		],
	);
	assert.equal(comparison.points[0]?.interval?.of, "photos");
	const text = comparisonText(comparison, { width: 120, color: false });
	assert.match(text, /4 of 6 trials finished, 1 failed/);
	assert.match(text, /0\.7000\*/);
	assert.doesNotThrow(() => comparisonJson(comparison));
	assert.doesNotThrow(() => compareTrials({ ...about, trials: [] }, 10));
});

test("a drawn axis has a trend and no levels", () => {
	const drawn = Array.from({ length: 30 }, (_, i) =>
		trial(i, { rate: i / 30 }, i / 100),
	);
	const [effect] = compareTrials({ ...about, trials: drawn }, 10).effects;
	assert.equal(effect?.isContinuous, true);
	near(effect?.correlation, 1, "correlation");
	assert.deepEqual(effect?.levels, []);
});
