import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { RunError } from "../../../src/diagnostic.ts";
import { tensorOf } from "../../../src/model/dtypes.ts";
import { openWeights } from "../../../src/model/weights/open-weights.ts";
import { parseSource } from "../../../src/model/weights/remote/source.ts";
import {
	fetchWeights,
	locateWeights,
} from "../../../src/model/weights/remote.ts";
import { writeSafetensors } from "../../../src/model/weights/safetensors-write.ts";
import { folderFor } from "../../support/graft.ts";
import { serve, serveFile } from "./server.ts";

/** A hub on loopback that answers as huggingface.co does: commit and sum in the first answer, bytes elsewhere. */

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const HASTY = { idleMs: 5_000, attempts: 2, pauseMs: 1 };
const sum = (bytes: Uint8Array) =>
	createHash("sha256").update(bytes).digest("hex");
const weights = (value: number, name = "w") =>
	writeSafetensors(new Map([[name, tensorOf("float32", [1], [value])]]));

interface Hub {
	readonly files: Record<string, Uint8Array>;
	readonly env: { HF_ENDPOINT: string; HF_TOKEN?: string };
	readonly seen: {
		method: string;
		path: string;
		headers: Record<string, unknown>;
	}[];
	readonly cache: string;
	readonly lockFile: string;
	/** What main is. */
	commit: string;
	readonly fetch: (
		source: string,
		env?: Record<string, string>,
	) => Promise<void>;
	readonly locate: (source: string) => ReturnType<typeof locateWeights>;
}

async function hub(
	context: TestContext,
	files: Record<string, Uint8Array>,
	token?: string,
): Promise<Hub> {
	const cache = folderFor(context);
	const lockFile = join(cache, "weights.lock.json");
	const cdn = await serve(context, new Uint8Array(), (request, response) => {
		const bytes = files[(request.url ?? "").split("?")[0]?.slice(1) ?? ""];
		return serveFile(request, response, bytes ?? new Uint8Array()) > 0;
	});
	const server = await serve(context, new Uint8Array(), (request, response) => {
		const refuse = (status: number, code: string) => {
			response.writeHead(status, { "x-error-code": code });
			response.end();
			return true;
		};
		if (token && request.headers.authorization !== `Bearer ${token}`)
			return refuse(401, "GatedRepo");
		const [, repo, revision, name = ""] =
			/^\/(\w+\/\w+)\/resolve\/([^/]+)\/(.+)$/.exec(request.url ?? "") ?? [];
		if (repo !== "owner/net") return refuse(404, "RepoNotFound");
		if (revision !== "main" && revision !== COMMIT && revision !== self.commit)
			return refuse(404, "RevisionNotFound");
		const bytes = files[name];
		if (bytes === undefined) return refuse(404, "EntryNotFound");
		const head = {
			"x-repo-commit": revision === "main" ? self.commit : revision,
		};
		if (name.endsWith(".json")) {
			// Small files come from the hub itself.
			response.writeHead(200, {
				...head,
				etag: '"abc"',
				"content-length": bytes.length,
			});
			response.end(request.method === "HEAD" ? undefined : bytes);
			return true;
		}
		response.writeHead(302, {
			...head,
			"x-linked-etag": `"${sum(bytes)}"`,
			"x-linked-size": bytes.length,
			location: `${cdn.origin}/${name}?signature=1`,
		});
		response.end();
		return true;
	});
	const env = { HF_ENDPOINT: `${server.origin}/` };
	const self: Hub = {
		files,
		env,
		seen: server.seen as Hub["seen"],
		cache,
		lockFile,
		commit: COMMIT,
		fetch: (source, more = {}) =>
			fetchWeights(
				parseSource(source),
				{ cache, lockFile },
				{},
				{ ...env, ...more },
				HASTY,
			),
		locate: (source) => locateWeights(parseSource(source), { cache, lockFile }),
	};
	return self;
}

test("a repository's weights come by its commit, are pinned, and are then found without asking", async (t) => {
	const file = weights(1);
	const { fetch, locate, seen, cache, lockFile } = await hub(t, {
		"model.safetensors": file,
	});
	assert.deepEqual(await locate("hf:owner/net"), {
		path: undefined,
		isPinned: false,
	});
	await fetch("hf:owner/net");
	assert.deepEqual(
		seen.map(({ method, path }) => `${method} ${path}`),
		[
			"HEAD /owner/net/resolve/main/model.safetensors",
			`GET /owner/net/resolve/${COMMIT}/model.safetensors`,
		],
	);
	const path = join(cache, "weights/hf/owner/net", COMMIT, "model.safetensors");
	assert.deepEqual(await locate("hf:owner/net"), { path, isPinned: true });
	assert.ok(readFileSync(path).equals(file));
	assert.deepEqual(JSON.parse(readFileSync(lockFile, "utf8")), {
		version: 1,
		weights: {
			"hf:owner/net": {
				revision: COMMIT,
				files: {
					"model.safetensors": { sha256: sum(file), bytes: file.length },
				},
			},
		},
	});
	await fetch("hf:owner/net", { GRAFT_OFFLINE: "1" });
	assert.equal(seen.length, 2);
});

test("what is pinned stays when main moves on, in an empty cache too", async (t) => {
	const net = await hub(t, { "model.safetensors": weights(1) });
	await net.fetch("hf:owner/net");
	net.commit = "f".repeat(40);
	rmSync(join(net.cache, "weights"), { recursive: true });
	await net.fetch("hf:owner/net");
	assert.equal(
		net.seen.at(-1)?.path,
		`/owner/net/resolve/${COMMIT}/model.safetensors`,
	);

	net.files["model.safetensors"] = weights(2);
	rmSync(join(net.cache, "weights"), { recursive: true });
	await assert.rejects(net.fetch("hf:owner/net"), (error: RunError) => {
		assert.equal(error.code, "download-wrong");
		assert.match(error.message, /other bytes than weights\.lock\.json says/);
		assert.match(
			error.fix ?? "",
			/delete their entry from weights\.lock\.json/,
		);
		return true;
	});
	rmSync(net.lockFile);
	await net.fetch("hf:owner/net");
	assert.match(readFileSync(net.lockFile, "utf8"), /"revision": "ffff/);
});

test("weights in the cache that weights.lock.json does not know are an error with both sums", async (t) => {
	const net = await hub(t, { "model.safetensors": weights(1) });
	await net.fetch("hf:owner/net");
	const { path = "" } = await net.locate("hf:owner/net");
	writeFileSync(path, weights(3));
	await assert.rejects(net.locate("hf:owner/net"), (error: RunError) => {
		assert.equal(error.code, "weights-lock");
		assert.ok(error.message.includes(sum(weights(3)).slice(0, 16)));
		assert.ok(error.message.includes(sum(weights(1)).slice(0, 16)));
		assert.ok(error.fix?.includes(path));
		return true;
	});
});

test("a revision and a file are asked for as they are named", async (t) => {
	const net = await hub(t, { "onnx/a.safetensors": weights(1) });
	await net.fetch(`hf:owner/net@${COMMIT}/onnx/a.safetensors`);
	assert.equal(
		net.seen[0]?.path,
		`/owner/net/resolve/${COMMIT}/onnx/a.safetensors`,
	);
	assert.match(
		(await net.locate(`hf:owner/net@${COMMIT}/onnx/a.safetensors`)).path ?? "",
		/onnx\/a\.safetensors$/,
	);
});

const SHARDS = {
	"model-00001-of-00002.safetensors": weights(1, "a"),
	"model-00002-of-00002.safetensors": weights(2, "b"),
};
const INDEX = {
	metadata: { total_size: 8 },
	weight_map: {
		a: "model-00001-of-00002.safetensors",
		b: "model-00002-of-00002.safetensors",
	},
};

test("weights in shards come through their index and are read as one", async (t) => {
	const index = Buffer.from(JSON.stringify(INDEX));
	const net = await hub(t, {
		...SHARDS,
		"model.safetensors.index.json": index,
	});
	await net.fetch("hf:owner/net");
	const { path = "" } = await net.locate("hf:owner/net");
	const file = await openWeights(path);
	const read = await file.read(new Set(["a", "b"]));
	assert.deepEqual(
		[...read].map(([name, { data }]) => [name, ...data]),
		[
			["a", 1],
			["b", 2],
		],
	);
	assert.deepEqual([...(await file.read(new Set(["b"]))).keys()], ["b"]);
	const lock = JSON.parse(readFileSync(net.lockFile, "utf8"));
	assert.deepEqual(Object.keys(lock.weights["hf:owner/net"].files), [
		"model.safetensors.index.json",
		...Object.keys(SHARDS),
	]);

	rmSync(join(path, "../model-00002-of-00002.safetensors"));
	assert.equal((await net.locate("hf:owner/net")).path, undefined);
	await net.fetch("hf:owner/net");
	assert.ok((await net.locate("hf:owner/net")).path);
});

for (const [what, index, message] of [
	["no JSON", "{", /not JSON/],
	["no map", "{}", /no weight_map/],
	["an empty map", '{"weight_map":{}}', /empty/],
	[
		"a file elsewhere",
		'{"weight_map":{"a":"../../etc/x.safetensors"}}',
		/"\.\.\/\.\.\/etc/,
	],
	[
		"a pickle",
		'{"weight_map":{"a":"pytorch_model.bin"}}',
		/pytorch_model\.bin/,
	],
	[
		"a tensor that its shard lacks",
		'{"weight_map":{"c":"model-00001-of-00002.safetensors"}}',
		/"c" is not in/,
	],
	[
		"a shard that is not there",
		'{"weight_map":{"c":"z.safetensors"}}',
		/z\.safetensors: cannot be opened/,
	],
] as const)
	test(`an index with ${what} is refused`, async (t) => {
		const folder = folderFor(t);
		for (const [name, bytes] of Object.entries(SHARDS))
			writeFileSync(join(folder, name), bytes);
		const path = join(folder, "model.safetensors.index.json");
		writeFileSync(path, index);
		await assert.rejects(openWeights(path), (error: RunError) => {
			assert.equal(error.code, "weights-unreadable");
			assert.match(error.message, message);
			return true;
		});
	});

test("a gated repository wants a token, which goes to the hub alone", async (t) => {
	const net = await hub(t, { "model.safetensors": weights(1) }, "hf_secret");
	await assert.rejects(net.fetch("hf:owner/net"), (error: RunError) => {
		assert.equal(error.code, "download-denied");
		assert.match(error.message, /answers 401 \("GatedRepo"\)/);
		assert.match(error.fix ?? "", /set HF_TOKEN/);
		return true;
	});
	await assert.rejects(
		net.fetch("hf:owner/net", { HF_TOKEN: "hf_other" }),
		(error: RunError) => {
			assert.match(
				error.fix ?? "",
				/accept the terms on https:\/\/huggingface\.co\/owner\/net/,
			);
			assert.ok(!`${error.message}${error.fix}`.includes("hf_other"));
			return true;
		},
	);
	await net.fetch("hf:owner/net", { HF_TOKEN: "hf_secret" });
	assert.ok(!readFileSync(net.lockFile, "utf8").includes("hf_secret"));
});

test("what is missing on the hub is named: repository, revision, weights, file", async (t) => {
	const { fetch } = await hub(t, { "pytorch_model.bin": weights(1) });
	const rejected = async (source: string, message: RegExp) =>
		assert.rejects(fetch(source), (error: RunError) => {
			assert.equal(error.code, "download-not-found");
			assert.match(error.message, message);
			return true;
		});
	await rejected("hf:owner/other", /RepoNotFound/);
	await rejected("hf:owner/net@v9", /RevisionNotFound/);
	await rejected(
		"hf:owner/net",
		/holds neither model\.safetensors nor model\.safetensors\.index\.json/,
	);
	await rejected(
		"hf:owner/net/x.safetensors",
		/x\.safetensors answers 404 \("EntryNotFound"\)/,
	);
});

test("offline, nobody is asked and the variable is named", async (t) => {
	const { fetch, seen } = await hub(t, { "model.safetensors": weights(1) });
	for (const [name, value] of [
		["HF_HUB_OFFLINE", "1"],
		["HF_HUB_OFFLINE", "true"],
		["GRAFT_OFFLINE", "ON"],
	])
		await assert.rejects(
			fetch("hf:owner/net", { [name as string]: value as string }),
			(error: RunError) => {
				assert.equal(error.code, "weights-offline");
				assert.ok(error.message.includes(name as string));
				return true;
			},
		);
	assert.equal(seen.length, 0);
});

for (const source of [
	"hf:resnet18",
	"hf:",
	"hf:a/b/",
	"hf:a/b@/x",
	"hf:a/b/../../x.safetensors",
	"hf:a/b/model.bin",
	"hf:a/b@..",
	"https://",
	"http://user:secret@host/x",
])
	test(`"${source}" names no weights`, () => {
		assert.throws(
			() => parseSource(source),
			(error: RunError) => {
				assert.equal(error.code, "weights-source");
				assert.ok(error.fix);
				assert.ok(!error.message.includes("secret"));
				return true;
			},
		);
	});

test("a damaged weights.lock.json is said, not overwritten", async (t) => {
	const net = await hub(t, { "model.safetensors": weights(1) });
	const entry = (files: unknown) =>
		JSON.stringify({ version: 1, weights: { "hf:owner/net": { files } } });
	for (const text of [
		"{",
		"[]",
		'{"version":2,"weights":{}}',
		entry({}),
		entry({ a: { sha256: "x", bytes: 1 } }),
		entry({ "../a": { sha256: "0".repeat(64), bytes: 1 } }),
	]) {
		writeFileSync(net.lockFile, text);
		await assert.rejects(net.fetch("hf:owner/net"), { code: "weights-lock" });
		assert.equal(readFileSync(net.lockFile, "utf8"), text);
	}
	assert.equal(net.seen.length, 0);
});

test("a file in the cache that its name contradicts is not used", async (t) => {
	const { cache } = await hub(t, {});
	const server = await serve(t, weights(1));
	const url = server.url("/models/net-0123abcd.safetensors");
	const source = { kind: "url", url, sha256Prefix: "0123abcd" } as const;
	const place = { cache, lockFile: undefined };
	await assert.rejects(fetchWeights(source, place, {}, {}, HASTY), {
		code: "download-wrong",
	});
	const right = { ...source, sha256Prefix: sum(weights(1)).slice(0, 8) };
	await fetchWeights(right, place, {}, {}, HASTY);
	const { path = "" } = await locateWeights(right, place);
	assert.ok(existsSync(path));
	await assert.rejects(locateWeights(source, place), {
		code: "weights-changed",
	});
});
