import assert from "node:assert/strict";
import test from "node:test";
import { initialWeights, torchDefault, vggInit } from "../../src/model/init.ts";
import { network } from "../../src/model/zoo/builder.ts";

function graph() {
	const net = network("net", ["n", 4, 8, 8]);
	let x = net.conv(net.input, "conv", { in: 4, out: 32, kernel: 3 });
	x = net.batchNorm(x, "bn", 32);
	x = net.flatten(net.globalAveragePool(x, "pool"), "flatten");
	return net.finish(net.linear(x, "fc", 32, 400), 400);
}

const names = graph().initializers.map(({ name }) => name);

function moments(data: ArrayLike<number>) {
	const values = Array.from(data);
	const mean = values.reduce((a, b) => a + b) / values.length;
	const square =
		values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
	return {
		mean,
		deviation: Math.sqrt(square),
		largest: Math.max(...values.map(Math.abs)),
	};
}

function values(name: string, seed = 0, rule = torchDefault): Float32Array {
	return initialWeights(graph(), names, seed, rule).get(name)
		?.data as Float32Array;
}

test("Linear starts as torch's: uniform within 1 / sqrt(in), weight and bias", () => {
	const bound = 1 / Math.sqrt(32);
	for (const name of ["fc.weight", "fc.bias"]) {
		const { mean, deviation, largest } = moments(values(name));
		assert.ok(largest <= bound && largest > 0.98 * bound, name);
		assert.ok(Math.abs(mean) < 0.1 * bound);
		assert.ok(Math.abs(deviation - bound / Math.sqrt(3)) < 0.05 * bound);
	}
	const conv = moments(values("conv.bias"));
	assert.ok(conv.largest <= 1 / Math.sqrt(36));
});

test("BatchNorm starts as the identity", () => {
	assert.ok(values("bn.weight").every((x) => x === 1));
	assert.ok(values("bn.running_var").every((x) => x === 1));
	assert.ok(values("bn.bias").every((x) => x === 0));
	assert.ok(values("bn.running_mean").every((x) => x === 0));
});

test("VGG starts as torchvision's: kaiming by fan out, N(0, 0.01), zero biases", () => {
	const conv = moments(values("conv.weight", 0, vggInit));
	const expected = Math.sqrt(2 / (32 * 9));
	assert.ok(Math.abs(conv.deviation / expected - 1) < 0.08);
	assert.ok(conv.largest > 2.5 * expected, "normal, not uniform");
	const linear = moments(values("fc.weight", 0, vggInit));
	assert.ok(Math.abs(linear.deviation / 0.01 - 1) < 0.03);
	assert.ok(values("fc.bias", 0, vggInit).every((x) => x === 0));
});

test("each tensor has a stream of its own", () => {
	const alone = initialWeights(graph(), ["fc.bias"], 0).get("fc.bias");
	assert.deepEqual(alone?.data, values("fc.bias"));
	assert.notDeepEqual(values("fc.bias", 1), values("fc.bias", 0));
});
