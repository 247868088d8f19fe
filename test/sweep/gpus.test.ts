import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import test, { type TestContext } from "node:test";
import { findGpus, parseRocm, takeGpu, useGpu } from "../../src/sweep/gpus.ts";
import { envFor, folderFor } from "../support/graft.ts";
import { fewPhotos, journalOf, start, sweepFile } from "./support.ts";

const UUIDS = ["GPU-aaaa", "GPU-bbbb", "GPU-cccc", "GPU-dddd"];

/** An environment whose PATH begins with a program `nvidia-smi` that knows four GPUs and one question. */
function withFourGpus(
	t: TestContext,
	env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
	const folder = folderFor(t);
	const bin = join(folder, "bin");
	mkdirSync(bin);
	const lines = UUIDS.map((uuid, index) => `${index}, ${uuid}, 81559 MiB`);
	writeFileSync(
		join(bin, "nvidia-smi"),
		`#!/bin/sh
[ "$*" = "--query-gpu=index,uuid,memory.total --format=csv,noheader" ] || exit 6
cat <<END
${lines.join("\n")}
END
`,
	);
	chmodSync(join(bin, "nvidia-smi"), 0o755);
	return {
		...env,
		PATH: `${bin}${delimiter}${env.PATH}`,
		GRAFT_GPU_LEASES: join(folder, "leases"),
	};
}

/** When each run of a sweep was on which GPU, ms. */
function visits(runs: string) {
	return readdirSync(runs).flatMap((id) =>
		readdirSync(join(runs, id, "trials")).map((name) => {
			const lines = journalOf(join(runs, id, "trials", name)) as readonly {
				readonly type: string;
				readonly time: string;
				readonly environment?: { readonly gpus?: string };
			}[];
			const gpu = lines.find(({ type }) => type === "environment")?.environment
				?.gpus;
			assert.ok(gpu !== undefined, `${name} has a GPU`);
			return {
				name,
				gpu,
				begin: Date.parse(lines[0]?.time as string),
				end: Date.parse(lines.at(-1)?.time as string),
			};
		}),
	);
}

function assertNeverTwo(all: ReturnType<typeof visits>) {
	for (const a of all)
		for (const b of all) {
			if (a === b || a.gpu !== b.gpu) continue;
			assert.ok(
				a.end <= b.begin || b.end <= a.begin,
				`${a.name} and ${b.name} were on ${a.gpu} at once`,
			);
		}
}

const heads = (from: number) =>
	`  grid: { model.head: [${Array.from({ length: 8 }, (_, k) => `{ knn: { n_neighbors: ${k + from} } }`).join(", ")}] }`;

test("two sweeps on a machine with four GPUs: all four busy, never two processes on one", async (t) => {
	const folder = folderFor(t);
	fewPhotos(folder);
	const env = withFourGpus(t, envFor(folder));
	const first = start(["run", sweepFile(folder, heads(1), "first")], env);
	const second = start(["run", sweepFile(folder, heads(1), "second")], env);
	for (const { ended } of [first, second]) {
		const { code, stderr } = await ended;
		assert.equal(code, 0, stderr);
		assert.match(stderr, /on 4 GPUs/);
	}
	const all = visits(join(folder, "runs"));
	assert.equal(all.length, 16);
	assert.deepEqual([...new Set(all.map(({ gpu }) => gpu))].sort(), UUIDS);
	assertNeverTwo(all);
});

test("trials_per_gpu puts so many processes on each GPU, and no more", async (t) => {
	const folder = folderFor(t);
	fewPhotos(folder);
	const env = {
		...withFourGpus(t, envFor(folder)),
		CUDA_VISIBLE_DEVICES: "2",
	};
	const file = sweepFile(
		folder,
		`${heads(1)}\n  launcher: { local: { trials_per_gpu: 2 } }`,
	);
	const { code, stderr } = await start(["run", file], env).ended;
	assert.equal(code, 0, stderr);
	const all = visits(join(folder, "runs"));
	assert.deepEqual(
		all.map(({ gpu }) => gpu),
		all.map(() => "GPU-cccc"),
	);
	for (const { begin, end, name } of all) {
		const beside = all.filter(
			(other) => other.begin <= begin && begin < other.end,
		);
		assert.ok(beside.length <= 2, `${name} ${begin}…${end}`);
	}
});

test("CUDA_VISIBLE_DEVICES of the user is respected: indices, UUIDs, none", async (t) => {
	const env = withFourGpus(t, { ...process.env });
	const uuids = async (wish: string | undefined) => {
		const { CUDA_VISIBLE_DEVICES: _, ...rest } = env;
		const gpus = await findGpus({
			...rest,
			...(wish === undefined ? {} : { CUDA_VISIBLE_DEVICES: wish }),
		});
		return gpus.map(({ uuid }) => uuid);
	};
	assert.deepEqual(await uuids(undefined), UUIDS);
	assert.deepEqual(await uuids("3,1"), ["GPU-dddd", "GPU-bbbb"]);
	assert.deepEqual(await uuids("GPU-c"), ["GPU-cccc"]);
	assert.deepEqual(await uuids(""), []);
	assert.deepEqual(await uuids("-1"), []);
	assert.deepEqual(await uuids("0,7,1"), ["GPU-aaaa"]);
	assert.deepEqual(await uuids("MIG-1f2e"), ["MIG-1f2e"]);
	const [gpu] = await findGpus({ ...env, CUDA_VISIBLE_DEVICES: "1" });
	assert.deepEqual(gpu?.env, {
		CUDA_VISIBLE_DEVICES: "GPU-bbbb",
		TF_FORCE_GPU_ALLOW_GROWTH: "true",
	});
});

test("the answer of rocm-smi is understood by its titles", () => {
	const text = `device,Unique ID,VRAM Total Memory (B),VRAM Total Used Memory (B)
card0,0xabcd,17163091968,10850304
card1,0xef01,17163091968,10850304
`;
	assert.deepEqual(parseRocm(text), [
		{ index: "0", uuid: "0xabcd", memoryMiB: 16368 },
		{ index: "1", uuid: "0xef01", memoryMiB: 16368 },
	]);
	assert.deepEqual(parseRocm(""), []);
});

test("a GPU on which a worker of a killed runner still ends is not given away", (t) => {
	const before = process.env.GRAFT_GPU_LEASES;
	process.env.GRAFT_GPU_LEASES = folderFor(t);
	t.after(() => {
		if (before === undefined) delete process.env.GRAFT_GPU_LEASES;
		else process.env.GRAFT_GPU_LEASES = before;
	});
	const gpu = { index: "0", uuid: "GPU-x", memoryMiB: 0, env: {} };
	const worker = useGpu(gpu.uuid, 1);
	assert.ok(worker);
	assert.equal(takeGpu(gpu), undefined);
	worker.release();
	const lease = takeGpu(gpu);
	assert.ok(lease);
	assert.equal(takeGpu(gpu), undefined);
	lease.release();
});
