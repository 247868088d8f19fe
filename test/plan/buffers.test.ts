import assert from "node:assert/strict";
import test from "node:test";
import { zooEntry } from "../../src/model/zoo/zoo.ts";
import { applyFreeze } from "../../src/plan/freeze.ts";

const graph = zooEntry("resnet18")?.build([64, 64]);
assert.ok(graph);
const none = new Set<string>();

test("the running statistics of BatchNorm that is not frozen are buffers, of frozen layers and with batch_norm: eval none", () => {
	const whole = applyFreeze(graph, "none", none);
	assert.equal(whole.buffers.length, 2 * 20);
	assert.ok(whole.buffers.every((name) => /\.running_(mean|var)$/.test(name)));
	const last = applyFreeze(graph, { until: "layer4.0" }, none);
	assert.deepEqual(last.buffers, [
		"layer4.1.bn1.running_mean",
		"layer4.1.bn1.running_var",
		"layer4.1.bn2.running_mean",
		"layer4.1.bn2.running_var",
	]);
	assert.deepEqual(applyFreeze(graph, "all", none).buffers, []);
	assert.deepEqual(applyFreeze(graph, "none", none, "eval").buffers, []);
});

test("a BatchNorm frozen among layers that learn keeps its statistics", () => {
	const { buffers, trainable } = applyFreeze(graph, ["*.bn1", "bn1"], none);
	assert.ok(!buffers.some((name) => name.includes("bn1")));
	assert.ok(!trainable.some((name) => name.includes("bn1")));
	assert.ok(buffers.includes("layer1.0.bn2.running_mean"));
});
