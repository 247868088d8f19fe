import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test, { type TestContext } from "node:test";
import { tensorOf } from "../../../src/model/dtypes.ts";
import { parseSource } from "../../../src/model/weights/remote/source.ts";
import {
	fetchWeights,
	locateWeights,
} from "../../../src/model/weights/remote.ts";
import { writeSafetensors } from "../../../src/model/weights/safetensors-write.ts";
import { folderFor } from "../../support/graft.ts";

/** Weights in the caches of torch.hub and huggingface_hub, laid out as those lay them out, are used where they are. */

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const FILE = writeSafetensors(new Map([["w", tensorOf("float32", [1], [1])]]));
const sum = (bytes: Uint8Array) =>
	createHash("sha256").update(bytes).digest("hex");

function put(path: string, bytes: Uint8Array | string): string {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, bytes);
	return path;
}

function placeFor(t: TestContext) {
	const folder = folderFor(t);
	return {
		folder,
		place: {
			cache: join(folder, "graft"),
			lockFile: join(folder, "weights.lock.json"),
		},
		// Nothing can be fetched: what is found was there.
		env: { HOME: folder, GRAFT_OFFLINE: "1" },
	};
}

const published = (bytes: Uint8Array) => {
	const sha256Prefix = sum(bytes).slice(0, 8);
	const url = new URL(`https://example.org/models/net-${sha256Prefix}.pth`);
	return { kind: "url", url, sha256Prefix } as const;
};

for (const [what, variables, below] of [
	["its usual place", {}, ".cache/torch"],
	["TORCH_HOME", { TORCH_HOME: "own" }, "own"],
	["XDG_CACHE_HOME", { XDG_CACHE_HOME: "xdg" }, "xdg/torch"],
] as const)
	test(`torchvision's file in torch's cache is used where it is, and pinned: ${what}`, async (t) => {
		const { folder, place, env: home } = placeFor(t);
		const env = {
			...home,
			...Object.fromEntries(
				Object.entries(variables).map(([name, value]) => [
					name,
					join(folder, value),
				]),
			),
		};
		const source = published(FILE);
		const name = source.url.pathname.split("/").at(-1) as string;
		const path = put(join(folder, below, "hub/checkpoints", name), FILE);
		assert.deepEqual(await locateWeights(source, place, env), {
			path,
			isPinned: false,
		});
		await fetchWeights(source, place, {}, env);
		assert.deepEqual(await locateWeights(source, place, env), {
			path,
			isPinned: true,
		});
		assert.deepEqual(readdirSync(dirname(path)), [name]);
	});

test("a damaged file in torch's cache is passed over, and so is one whose sum nobody knows", async (t) => {
	const { folder, place, env } = placeFor(t);
	const checkpoints = join(folder, ".cache/torch/hub/checkpoints");
	const source = published(FILE);
	put(
		join(checkpoints, source.url.pathname.split("/").at(-1) as string),
		FILE.subarray(1),
	);
	const found = await locateWeights(source, place, env);
	assert.equal(found.path, undefined);
	await assert.rejects(fetchWeights(source, place, {}, env), {
		code: "weights-offline",
	});

	put(join(checkpoints, "mine.safetensors"), FILE);
	const mine = parseSource("https://example.org/mine.safetensors");
	assert.equal((await locateWeights(mine, place, env)).path, undefined);
});

/** A repository as huggingface_hub keeps it: blobs by their sums, a snapshot of links, and what main is. */
function snapshot(
	home: string,
	files: Readonly<Record<string, Uint8Array>>,
	nameOf: (bytes: Uint8Array) => string = sum,
): string {
	const repo = join(home, "models--owner--net");
	put(join(repo, "refs/main"), COMMIT);
	const folder = join(repo, "snapshots", COMMIT);
	mkdirSync(folder, { recursive: true });
	for (const [name, bytes] of Object.entries(files)) {
		const blob = nameOf(bytes);
		put(join(repo, "blobs", blob), bytes);
		symlinkSync(join("../../blobs", blob), join(folder, name));
	}
	return folder;
}

test("a repository in huggingface_hub's cache is used where it is, and pinned to its commit", async (t) => {
	const { folder, place, env } = placeFor(t);
	const home = join(folder, ".cache/huggingface/hub");
	const path = join(
		snapshot(home, { "model.safetensors": FILE }),
		"model.safetensors",
	);
	for (const name of ["hf:owner/net", `hf:owner/net@${COMMIT}`]) {
		const source = parseSource(name);
		await fetchWeights(source, place, {}, env);
		assert.deepEqual(await locateWeights(source, place, env), {
			path,
			isPinned: true,
		});
	}
	const other = parseSource("hf:owner/net@v2");
	assert.equal((await locateWeights(other, place, env)).path, undefined);
});

test("shards come with their index, which is named by git's sum", async (t) => {
	const { folder, place, env } = placeFor(t);
	const index = Buffer.from(
		JSON.stringify({ weight_map: { w: "model-1.safetensors" } }),
	);
	const nameOf = (bytes: Uint8Array) =>
		bytes === index
			? createHash("sha1")
					.update(`blob ${bytes.length}\0`)
					.update(bytes)
					.digest("hex")
			: sum(bytes);
	const home = join(folder, "hf");
	const at = snapshot(
		join(home, "hub"),
		{ "model.safetensors.index.json": index, "model-1.safetensors": FILE },
		nameOf,
	);
	const found = await locateWeights(parseSource("hf:owner/net"), place, {
		...env,
		HF_HOME: home,
	});
	assert.equal(found.path, join(at, "model.safetensors.index.json"));
});

test("a blob that is not what its name says is passed over", async (t) => {
	const { folder, place, env } = placeFor(t);
	const home = join(folder, "hub");
	snapshot(home, { "model.safetensors": FILE }, () => sum(FILE.subarray(1)));
	const found = await locateWeights(parseSource("hf:owner/net"), place, {
		...env,
		HF_HUB_CACHE: home,
	});
	assert.equal(found.path, undefined);
});
