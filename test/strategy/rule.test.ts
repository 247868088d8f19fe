import assert from "node:assert/strict";
import test from "node:test";
import { decideByRule, MANY, VERY_MANY } from "../../src/strategy/rule.ts";
import type { Measures, Trial } from "../../src/strategy/types.ts";

/** The note's rule on measures that are written down. */

test("few photos like the network's own: a linear probe", () => {
	const { strategy, depth, reasons } = decideByRule(measures({ share: 0.7 }));
	assert.equal(strategy, "linear_probe");
	assert.equal(depth, undefined);
	assert.match(reasons.join("\n"), /70\.0 % of the labels beyond chance/);
});

test("few photos unlike them: an SVM on the earlier layer that tells most right", () => {
	const { strategy, depth } = decideByRule(
		measures({ share: 0.1, probe: 60, early: [70, 75] }),
	);
	assert.equal(strategy, "early_layer_svm");
	assert.equal(depth, 0.8);
});

test("a trial goes before the rule where it is better by more than a standard error, and only there", () => {
	const clearly = decideByRule(
		measures({ share: 0.7, probe: 60, early: [50, 80] }),
	);
	assert.equal(clearly.strategy, "early_layer_svm");
	assert.match(clearly.reasons.at(-1) ?? "", /is the rule, but tried on them/);
	const hardly = decideByRule(
		measures({ share: 0.7, probe: 79, early: [50, 80], both: 70 }),
	);
	assert.equal(hardly.strategy, "linear_probe");
	const back = decideByRule(
		measures({ share: 0.1, probe: 90, early: [50, 60] }),
	);
	assert.equal(back.strategy, "linear_probe");
});

test("between the bounds, and without a classifier, the layers say whether photos are alike", () => {
	const early = { neighbours: [0.9, 0.7], probe: 60, early: [70, 75] };
	const late = { neighbours: [0.7, 0.9] };
	for (const share of [0.4, undefined]) {
		const unlike = decideByRule(measures({ share, ...early }));
		assert.equal(unlike.strategy, "early_layer_svm", String(share));
		assert.match(unlike.reasons.join("\n"), /which decides/);
		const alike = decideByRule(measures({ share, ...late }));
		assert.equal(alike.strategy, "linear_probe", String(share));
	}
});

test("many photos are fine-tuned, unless a probe leaves nothing to win", () => {
	const size = { median: MANY };
	for (const share of [0.7, 0.1])
		assert.equal(decideByRule(measures({ share, size })).strategy, "fine_tune");
	const solved = decideByRule(measures({ share: 0.7, size, probe: 100 }));
	assert.equal(solved.strategy, "linear_probe");
	assert.match(solved.reasons.at(-1) ?? "", /nothing to win/);
});

test("very many photos unlike the network's own are trained on anew", () => {
	const size = { median: VERY_MANY.aClass, photos: VERY_MANY.inAll };
	assert.equal(
		decideByRule(measures({ share: 0.1, size })).strategy,
		"retrain",
	);
	assert.equal(
		decideByRule(measures({ share: 0.7, size })).strategy,
		"fine_tune",
	);
	const few = { ...size, photos: VERY_MANY.inAll - 1 };
	assert.equal(
		decideByRule(measures({ share: 0.1, size: few })).strategy,
		"fine_tune",
	);
});

test("random weights have no photos of their own: many photos are trained on anew", () => {
	const random = { isRandom: true, share: undefined };
	assert.equal(
		decideByRule(measures({ ...random, size: { median: MANY } })).strategy,
		"retrain",
	);
	assert.match(
		decideByRule(measures(random)).reasons.join("\n"),
		/weights are random/,
	);
});

test("of photos with several classes only the number counts, and the reason says so", () => {
	const few = decideByRule({ ...measures({}), isMultiLabel: true });
	assert.equal(few.strategy, "linear_probe");
	assert.match(few.reasons.join("\n"), /several classes/);
	const many = measures({ size: { median: MANY } });
	assert.equal(
		decideByRule({ ...many, isMultiLabel: true }).strategy,
		"fine_tune",
	);
});

test("where no head does better than guessing, a linear probe and a word on the labels", () => {
	const { strategy, reasons } = decideByRule(
		measures({ share: 0.1, probe: 31, early: [30, 35] }),
	);
	assert.equal(strategy, "linear_probe");
	assert.match(reasons.at(-1) ?? "", /look at the labels first/);
});

test("where nothing could be tried, a linear probe", () => {
	const { strategy } = decideByRule({
		...measures({ share: 0.1 }),
		depths: [],
		trials: [],
	});
	assert.equal(strategy, "linear_probe");
});

interface Given {
	readonly share?: number | undefined;
	readonly probe?: number;
	/** Photos right at depths 0.6 and 0.8, of 100. */
	readonly early?: readonly number[];
	/** Photos that the best early head and the probe both tell. */
	readonly both?: number;
	readonly neighbours?: readonly number[];
	readonly size?: Partial<Measures["size"]>;
	readonly isRandom?: boolean;
}

/** 100 photos; heads agree as far as they can, unless `both` says otherwise. */
function measures({
	share = undefined,
	probe = 80,
	early = [50, 60],
	both,
	neighbours = [0.6, 0.8],
	size = {},
	isRandom = false,
}: Given): Measures {
	const own = { confidence: 0.4, entropy: 0.5, spread: 100, classes: 1000 };
	const trial = (right: number, depth: number): Trial => {
		const common = both ?? Math.min(right, probe);
		return {
			...{ strategy: depth < 1 ? "early_layer_svm" : "linear_probe" },
			...{ head: depth < 1 ? "svm" : "logistic", depth, layer: "layer" },
			...{ right, accuracy: right / 100 },
			...{ onlyThis: right - common, onlyProbe: probe - common },
		};
	};
	const depth = (at: number, value: number | undefined) => ({
		...{ depth: at, layer: "layer", features: 8, logMe: 0 },
		neighbours: value,
	});
	return {
		size: {
			...{ photos: 100, classes: 5, least: 10, median: 20, most: 30 },
			...size,
		},
		measured: 100,
		depths: [depth(0.8, neighbours[0]), depth(1, neighbours[1])],
		own:
			share === undefined
				? undefined
				: { ...own, leep: -0.5, chance: -1, share },
		trials: [
			trial(probe, 1),
			trial(early[1] ?? 0, 0.8),
			trial(early[0] ?? 0, 0.6),
		],
		...{ missing: [], isRandom, isMultiLabel: false },
	};
}
