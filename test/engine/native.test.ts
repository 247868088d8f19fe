import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { openTfjs } from "../../src/engine/backend.ts";
import { readBuild } from "../../src/engine/native/build.ts";
import { tryNative } from "../../src/engine/native/trial.ts";
import { BACKENDS } from "../support/backends.ts";
import { needs } from "../support/needs.ts";

const native = needs("native");
const isOurs = readBuild(native.path) !== undefined;

for (const { name, missing, open } of BACKENDS)
	test(`a backend that was opened is the one that is meant from then on: ${name}`, {
		skip: missing,
	}, async () => {
		const { tf } = await open();
		assert.equal((await openTfjs()).tf, tf);
		assert.equal(tf.getBackend(), name === "node" ? "tensorflow" : name);
		assert.equal(tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0], 11);
	});

/** The twelve steps of native-steps.ts, in a process of their own. */
function steps(): { readonly stdout: string; readonly stderr: string } {
	const tsx = createRequire(import.meta.url).resolve("tsx");
	const file = fileURLToPath(new URL("native-steps.ts", import.meta.url));
	const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
	return spawnSync(
		process.execPath,
		["--import", pathToFileURL(tsx).href, file],
		{ encoding: "utf8", env: { ...env, GRAFT_NATIVE: native.path } },
	);
}

test("the same steps give the same bytes in two processes, and TensorFlow says nothing", {
	skip: native.missing,
}, () => {
	const [first, second] = [steps(), steps()];
	assert.match(first.stdout, /"version":"4\.22\.0"/);
	assert.equal(first.stdout, second.stdout);
	// A folder that was made by hand has no quiet.node.
	if (isOurs) assert.equal(first.stderr, "");
});

test("gradients of convolutions and of the mean pool agree with finite differences", {
	skip: native.missing,
}, async () => {
	process.env.GRAFT_NATIVE = native.path;
	const { tf } = await openTfjs("node");
	type Tensor = import("@tensorflow/tfjs-core").Tensor4D;
	const input = tf.reshape(
		tf.sin(tf.range(0, 2 * 5 * 5 * 3)),
		[2, 5, 5, 3],
	) as Tensor;
	const filter = tf.reshape(tf.cos(tf.range(0, 54)), [3, 3, 3, 2]) as Tensor;
	const cases: readonly [string, Tensor, (at: Tensor) => Tensor][] = [
		["conv2d by its filter", filter, (at) => tf.conv2d(input, at, 2, "same")],
		["conv2d by its input", input, (at) => tf.conv2d(at, filter, 2, "same")],
		[
			"depthwise by its filter",
			filter,
			(at) => tf.depthwiseConv2d(input, at, 1, "same"),
		],
		["avgPool", input, (at) => tf.avgPool(at, 3, 2, "same")],
	];
	for (const [name, at, function_] of cases) {
		const loss = (x: Tensor) => tf.sum(tf.square(function_(x)));
		const gradient = tf
			.grad((x) => loss(x as Tensor))(at)
			.dataSync();
		for (const index of [0, 7, 31, 53]) {
			const moved = (by: number) => {
				const values = Float32Array.from(at.dataSync());
				values[index] = (values[index] as number) + by;
				return loss(tf.tensor(values, at.shape) as Tensor).dataSync()[0];
			};
			const [more, less] = [moved(0.01), moved(-0.01)];
			const expected = ((more as number) - (less as number)) / 0.02;
			const got = gradient[index] as number;
			const close = Math.abs(got - expected) < 0.02 * (1 + Math.abs(expected));
			assert.ok(close, `${name} [${index}]: ${got}, expected ${expected}`);
		}
	}
});

test("a build is tried in a process of its own", {
	skip: native.missing,
}, async () => {
	const { version } = await tryNative(native.path);
	assert.equal(version, "4.22.0");
	await assert.rejects(tryNative("/nowhere"), { code: "native-broken" });
});
