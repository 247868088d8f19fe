import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What fixtures/train-in-memory.ts prints. */
interface Printed {
	readonly warnings: readonly string[];
	readonly losses: readonly number[];
	readonly weights: readonly number[];
	readonly error?: { readonly code: string; readonly message: string };
}

const FIXTURE = fileURLToPath(
	new URL("fixtures/train-in-memory.ts", import.meta.url),
);

/** Trains in a process of its own, whose wasm memory holds so many megabytes; undefined: all that there is. */
async function trained(
	megabytes?: number,
	options: object = {},
): Promise<Printed> {
	const { stdout } = await promisify(execFile)(
		process.execPath,
		["--import", "tsx", FIXTURE, JSON.stringify(options)],
		{
			env: {
				...process.env,
				...(megabytes && { GRAFT_WASM_MEMORY_MB: String(megabytes) }),
				GRAFT_BACKEND: "wasm",
			},
		},
	);
	return JSON.parse(stdout) as Printed;
}

function close(actual: readonly number[], expected: readonly number[]): void {
	assert.equal(actual.length, expected.length);
	for (const [index, value] of expected.entries())
		assert.ok(
			Math.abs((actual[index] as number) - value) < 2e-5,
			`${actual[index]} is not ${value} at ${index}`,
		);
}

test("a batch that does not fit passes the network in parts, says so once, and each step is that of the whole batch", async () => {
	const whole = await trained();
	assert.deepEqual(whole.warnings, []);
	const halved = await trained(6);
	assert.equal(halved.warnings.length, 1);
	assert.match(halved.warnings[0] ?? "", /^16 photos at once do not fit/);
	close(halved.losses, whole.losses);
	close(halved.weights, whole.weights);
});

test("dropout, class weights, smoothing and clipping are those of the whole batch when it passes in parts", async () => {
	const options = {
		clip_grad_norm: 0.1,
		loss: {
			cross_entropy: { label_smoothing: 0.1, class_weights: [1, 2, 0.5] },
		},
		dropout: 0.5,
	};
	const whole = await trained(undefined, options);
	const halved = await trained(6, options);
	assert.equal(halved.warnings.length, 1);
	close(halved.losses, whole.losses);
	close(halved.weights, whole.weights);
});

test("where not even one photo fits, the error says what to do", async () => {
	const { error } = await trained(0.05);
	assert.equal(error?.code, "out-of-memory");
	assert.match(error?.message ?? "", /even with one photo at a time/);
});
