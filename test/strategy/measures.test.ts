import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { random } from "../../src/random.ts";
import { leep } from "../../src/strategy/leep.ts";
import { logMe } from "../../src/strategy/log-me.ts";
import { ownClasses } from "../../src/strategy/own-classes.ts";
import { toldShare } from "../../src/strategy/told-share.ts";

/** The scores against numpy, whose script lies beside the values. */

interface Golden {
	readonly name: string;
	readonly n: number;
	readonly d: number;
	readonly classes: number;
	readonly labels: readonly number[];
	readonly features: readonly number[];
	readonly probabilities: readonly number[];
	readonly logMe: number;
	readonly leep: number;
}

const golden = JSON.parse(
	readFileSync(new URL("golden/measures.json", import.meta.url), "utf8"),
) as readonly Golden[];

for (const one of golden) {
	const labels = Int32Array.from(one.labels);
	test(`LogME equals the published algorithm in numpy: ${one.name}`, () => {
		const x = Float64Array.from(one.features);
		near(logMe(x, one.n, one.d, labels, one.classes), one.logMe, 1e-8);
	});
	test(`LEEP equals equation 2 in numpy: ${one.name}`, () => {
		const p = Float64Array.from(one.probabilities);
		near(leep(p, one.n, labels, one.classes), one.leep, 1e-12);
	});
}

test("LEEP is 0 where each own class is one new class, and the labels' entropy where the own classes are the same for all", () => {
	const labels = Int32Array.of(0, 0, 1, 1);
	const telling = Float64Array.of(1, 0, 1, 0, 0, 1, 0, 1);
	const silent = Float64Array.of(0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5);
	near(leep(telling, 4, labels, 2), 0, 1e-15);
	near(leep(silent, 4, labels, 2), Math.log(0.5), 1e-15);
});

test("few photos and many own classes fool LEEP, not the share that is told beyond chance", () => {
	const [n, sources] = [40, 1000];
	const draw = random(0, "noise");
	const labels = Int32Array.from({ length: n }, (_, row) => row % 4);
	const p = new Float64Array(n * sources);
	for (let row = 0; row < n; row++) {
		const own = draw.integer(sources);
		for (let z = 0; z < sources; z++)
			p[row * sources + z] = z === own ? 0.9 : 0.1 / (sources - 1);
	}
	assert.ok(leep(p, n, labels, 4) > -0.35, "LEEP says nearly all is told");
	const { share } = toldShare(p, n, labels, 4, 0);
	assert.ok(share !== undefined && Math.abs(share) < 0.2, String(share));
});

test("the share is 1 where the own classes tell all, and not known where each photo is alone in its class", () => {
	const [n, k] = [40, 4];
	const labels = Int32Array.from({ length: n }, (_, row) => row % k);
	const p = new Float64Array(n * k);
	for (let row = 0; row < n; row++) p[row * k + (row % k)] = 1;
	near(toldShare(p, n, labels, k, 0).share ?? 0, 1, 1e-9);
	const alone = Int32Array.from({ length: n }, (_, row) => row);
	assert.equal(toldShare(p, n, alone, n, 0).share, undefined);
});

test("how sure a classifier is: uniform probabilities have entropy 1, one-hot ones 0", () => {
	const uniform = ownClasses(new Float64Array(8).fill(0.25), 2);
	near(uniform.entropy, 1, 1e-12);
	near(uniform.confidence, 0.25, 1e-12);
	near(uniform.spread, 4, 1e-12);
	const sure = ownClasses(Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0), 2);
	near(sure.entropy, 0, 1e-12);
	near(sure.confidence, 1, 1e-12);
	near(sure.spread, 2, 1e-12);
});

function near(value: number, wanted: number, tolerance: number): void {
	assert.ok(
		Math.abs(value - wanted) <= tolerance,
		`${value} is not ${wanted} within ${tolerance}`,
	);
}
