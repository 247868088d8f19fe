import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { probeProvider, reasonIn } from "../../src/engine/device/probe.ts";
import { providerOf } from "../../src/engine/device/provider.ts";
import { networkSize } from "../../src/features/prefix.ts";
import { prepare } from "../../src/prepare.ts";
import { stackKeyOf } from "../../src/train/stacked/stack-key.ts";
import { envFor, folderFor, graft, root } from "../support/graft.ts";

const hasGpu = existsSync("/proc/driver/nvidia/version");
const noGpu = hasGpu ? "there is a GPU here" : undefined;
const file = join(root, "experiments/resize-center-crop.yaml");

test("a device names onnxruntime's provider wherever the plan is made; auto takes what is there", async () => {
	assert.equal(await providerOf("cpu"), "cpu");
	assert.equal(await providerOf("wasm"), "cpu");
	assert.equal(await providerOf("gpu", "linux"), "cuda");
	assert.equal(await providerOf("gpu", "darwin"), "coreml");
	assert.equal(await providerOf("webgpu"), "webgpu");
	if (!hasGpu) assert.equal(await providerOf("auto"), "cpu");
});

test("the library that a provider lacks is named as the loader names it", () => {
	const log =
		"\u001b[1;31m[E:onnxruntime] Failed to load library /x/libonnxruntime_providers_cuda.so with error: libcudnn.so.9: cannot open shared object file: No such file or directory\u001b[m\nFailed to load shared library";
	assert.equal(reasonIn(log, ""), "libcudnn.so.9 is not there");
	assert.equal(
		reasonIn("Failed to get a WebGPU adapter: No supported adapters\n", ""),
		"no WebGPU adapter (No supported adapters)",
	);
	assert.equal(
		reasonIn("[coreml] backend not found.\n", ""),
		"[coreml] backend not found.",
	);
	assert.equal(reasonIn("", "it ended with SIGSEGV"), "it ended with SIGSEGV");
});

test("a provider is tried for real", { skip: noGpu }, async () => {
	assert.match(
		(await probeProvider("cuda")) ?? "",
		/^lib\S+\.so\S* is not there$/,
	);
	assert.match((await probeProvider("coreml")) ?? "", /coreml/);
});

test("device: gpu without a GPU is two errors before the run starts: what tfjs and what onnxruntime lack", {
	skip: noGpu,
}, async (context) => {
	const folder = folderFor(context);
	const { code, stdout, stderr } = await graft(
		["run", file, "--device", "gpu"],
		envFor(folder),
	);
	assert.deepEqual([code, stdout], [2, ""]);
	assert.match(
		stderr,
		/device-missing: device: gpu cannot be had here: tfjs: there is no TensorFlow with CUDA/,
	);
	assert.match(stderr, /fix: graft setup native --gpu/);
	assert.match(stderr, /onnxruntime cuda: lib\S+\.so\S* is not there/);
	assert.match(stderr, /fix: graft setup gpu/);
	assert.ok(!existsSync(join(folder, "runs")));
	// It can be planned here all the same, for a machine that has one.
	const plan = await graft(
		["plan", file, "--device", "gpu", "--format", "json"],
		envFor(folder),
	);
	assert.equal(JSON.parse(plan.stdout).engines.onnxruntime, "cuda");
});

test("device: webgpu names the packages and the library that are missing", {
	skip: noGpu,
}, async (context) => {
	const { code, stderr } = await graft(
		["run", file, "--set", "device=webgpu"],
		envFor(folderFor(context)),
	);
	assert.equal(code, 2);
	assert.match(
		stderr,
		/tfjs: @tensorflow\/tfjs-backend-webgpu and webgpu are not installed/,
	);
	assert.match(
		stderr,
		/fix: npm install @tensorflow\/tfjs-backend-webgpu@4\.22\.0 webgpu/,
	);
});

test("what was asked for is part of a run; the provider, not the device, is part of its features", async (context) => {
	const cacheFolder = join(folderFor(context), "cache");
	const plans = new Map<string, Awaited<ReturnType<typeof planOf>>>();
	async function planOf(...sets: string[]) {
		const prepared = await prepare(file, {
			...{ sets, cacheFolder, hash: true, missing: "warning" as const },
		});
		assert.ok(prepared.ok);
		return prepared.value;
	}
	for (const device of ["cpu", "wasm", "gpu"])
		plans.set(device, await planOf(`device=${device}`));
	const plain = await planOf();
	const auto = await planOf("device=auto");
	assert.equal(auto.plan.fingerprint, plain.plan.fingerprint);
	const all = [plain, ...plans.values()].map(({ plan }) => plan);
	assert.equal(new Set(all.map(({ fingerprint }) => fingerprint)).size, 4);
	const [cpu, wasm, gpu] = ["cpu", "wasm", "gpu"].map(
		(device) => plans.get(device)?.plan.train.featureKey,
	);
	assert.equal(cpu, wasm);
	assert.notEqual(cpu, gpu);
	// Heads that train side by side do so on the cpu.
	const keys = ["cpu", "gpu"].map((device) => {
		const found = plans.get(device);
		assert.ok(found);
		return stackKeyOf(found.plan, found.loaded.experiment);
	});
	assert.notEqual(keys[0], undefined);
	assert.equal(keys[1], undefined);
});

test("a GPU is given one network and photos in batches", () => {
	const graph = {
		...{ name: "g", domains: new Map(), opset: 17 },
		inputs: [{ name: "x", dtype: "float32", shape: ["n", 3, 8, 8] }],
		outputs: [{ name: "y", dtype: "float32", shape: ["n", 3, 8, 8] }],
		nodes: [
			{
				...{ name: "r", op: "Relu", domain: "", layer: "r" },
				...{ inputs: ["x"], outputs: ["y"], attributes: {} },
			},
		],
		initializers: [],
		constants: new Map(),
	} as unknown as Parameters<typeof networkSize>[0];
	const machine = { cores: 8, memoryBytes: 2 ** 34 };
	const cpu = networkSize(graph, "y", machine);
	assert.deepEqual([cpu?.workers, cpu?.batchSize], [8, 1]);
	const gpu = networkSize(graph, "y", machine, "cuda");
	assert.deepEqual([gpu?.workers, gpu?.batchSize], [1, 32]);
});
