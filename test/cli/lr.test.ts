import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { lrChart } from "../../src/cli/lr-chart.ts";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../support/graft.ts";

/** Photos of 32 x 32 pixels: the network is quick, and the story is the same. */
const file = (
	head: string,
	train = "",
) => `data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [Resize: { size: [32, 32] }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0, freeze: all, head: ${head} }
train: { optimizer: adam, learning_rate: 0.002, epochs: 2${train} }
`;

test("graft lr draws the loss over the rate, suggests one as --set takes it, tells programs the points, and records no run", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const yaml = experimentIn(folder, file("linear"));
	const told = await graft(["lr", yaml], env);
	assert.equal(told.code, 0, told.stderr);
	assert.match(told.stdout, /^--set train\.learning_rate=[0-9.e-]+$/m);
	assert.match(told.stdout, /^the file {2}0\.002$/m);
	assert.match(told.stdout, /^[\x20-\x7e\n]+$/, "plain ASCII");
	const once = await graft(["lr", yaml, "--format", "json"], env);
	const again = await graft(["lr", yaml, "--format", "json"], env);
	assert.equal(once.stdout, again.stdout);
	const { points, suggestions, phase } = JSON.parse(once.stdout);
	assert.equal(phase, null);
	assert.deepEqual(Object.keys(points[0]), [
		"step",
		"learning_rate",
		"loss",
		"smooth_loss",
	]);
	const set = Number(/--set train\.learning_rate=(\S+)/.exec(told.stdout)?.[1]);
	assert.equal(set, Number(suggestions.valley.toPrecision(2)));
	assert.ok(!existsSync(join(folder, "runs")), "a run was recorded");
});

test("graft lr looks at the first phase, and refuses a head that has no learning rate", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const phases =
		", phases: [{ name: probe, epochs: 1 }, { name: more, epochs: 1 }]";
	const staged = experimentIn(
		folder,
		file("linear", phases).replace(", epochs: 2", ""),
	);
	const told = await graft(["lr", staged], env);
	assert.equal(told.code, 0, told.stderr);
	assert.match(told.stdout, /^of the first phase, probe\n/);
	assert.match(told.stdout, /^learning_rate: \S+ in the phase probe$/m);
	const classical = experimentIn(folder, file("logistic"));
	const refused = await graft(["lr", classical], env);
	assert.equal(refused.code, 2);
	assert.match(refused.stderr, /lr-classical/);
	assert.match(refused.stderr, /a logistic head is fitted at once/);
});

test("graft lr and graft features compute on the experiment's device, whatever GRAFT_BACKEND wishes", async (t) => {
	const folder = folderFor(t);
	const env = { ...envFor(folder), GRAFT_BACKEND: "none-such" };
	const own = experimentIn(folder, `device: wasm\n${file("linear")}`);
	const told = await graft(["lr", own], env);
	assert.equal(told.code, 0, told.stderr);
	const text = file("linear").replace(
		"model: {",
		"model: { prefix_engine: tfjs,",
	);
	const yaml = experimentIn(folder, `device: wasm\n${text}`, "tfjs.yaml");
	const out = join(folder, "f.safetensors");
	const written = await graft(["features", yaml, "--out", out], env);
	assert.equal(written.code, 0, written.stderr);
	const wishful = experimentIn(folder, file("linear"), "wishful.yaml");
	const refused = await graft(["lr", wishful], env);
	assert.match(refused.stderr, /backend-unknown/);
});

test("the chart cuts off a loss that runs away, and marks the suggestions on the curve", () => {
	const points = Array.from({ length: 60 }, (_, index) => ({
		type: "point" as const,
		step: index + 1,
		learningRate: 10 ** (-6 + index / 10),
		loss: 0,
		smooth: index < 20 ? 2 : index < 50 ? 2 - (index - 20) / 30 : index ** 2,
	}));
	const chart = lrChart(points, { v: 10 ** -3 });
	assert.deepEqual(chart, [
		"2.24 |                                                  ^^^^^^^^^^",
		"     |",
		"     |*********************",
		"     |                     ****",
		"     |                         ***",
		"     |                            **v",
		"     |                               ****",
		"     |                                   ***",
		"     |                                      ***",
		"     |                                         ****",
		"     |                                             ***",
		"1.03 |                                                **",
		"     ++---------+---------+---------+---------+---------+---------",
		"      1e-6      1e-5      1e-4      1e-3      1e-2      1e-1",
	]);
});
