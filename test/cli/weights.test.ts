import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import test from "node:test";
import { downloadLine } from "../../src/cli/download-line.ts";
import { zooEntry } from "../../src/model/zoo/zoo.ts";
import { listen, serveFile } from "../model/weights/server.ts";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	root,
	tuxpaint,
} from "../support/graft.ts";

const FILE = join(root, "src/model/zoo/efficientnet_lite0.safetensors");
const COMMIT = "89abcdef0123456789abcdef0123456789abcdef";

const experiment = (weights: string) => `
data: { root: ${tuxpaint} }
transforms: [Resize: { size: [32, 32] }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0, weights: "${weights}" }
train: { epochs: 1 }
`;

test("check and plan ask nobody; run fetches the hub's weights, pins them, and gives what the same file gives", async (t) => {
	const folder = folderFor(t);
	const seen: string[] = [];
	const content = readFileSync(FILE);
	const port = await listen(
		t,
		createServer((request, response) => {
			seen.push(`${request.method} ${request.url}`);
			response.setHeader("x-repo-commit", COMMIT);
			serveFile(request, response, content);
		}),
	);
	const env = {
		...envFor(folder),
		HF_ENDPOINT: `http://127.0.0.1:${port}`,
		HF_TOKEN: "",
		NO_PROXY: "127.0.0.1",
	};
	const file = experimentIn(folder, experiment("hf:me/lite0"));

	for (const verb of ["check", "plan"]) {
		const looked = await graft([verb, file], env);
		assert.equal(looked.code, 0, looked.stderr);
		assert.match(
			looked.stderr,
			/warning weights-not-here: the weights of efficientnet_lite0 are not on this machine yet: hf:me\/lite0/,
		);
	}
	assert.deepEqual(seen, []);

	const other = experimentIn(
		folder,
		experiment("hf:me/lite0").replace("root: ", "root: no/"),
		"other.yaml",
	);
	const broken = await graft(["run", other], env);
	assert.equal(broken.code, 2);
	assert.deepEqual(seen, [], "another mistake comes before a download");

	const fetched = await graft(["run", file, "--format", "json"], env);
	assert.equal(fetched.code, 0, fetched.stderr);
	assert.match(
		fetched.stderr,
		/weights {3}model\.safetensors {2}18\.8 MB of 18\.8 MB/,
	);
	assert.deepEqual(seen, [
		"HEAD /me/lite0/resolve/main/model.safetensors",
		`GET /me/lite0/resolve/${COMMIT}/model.safetensors`,
	]);
	const lock = JSON.parse(
		readFileSync(join(folder, "weights.lock.json"), "utf8"),
	);
	assert.deepEqual(lock.weights["hf:me/lite0"], {
		revision: COMMIT,
		files: {
			"model.safetensors": {
				sha256: createHash("sha256").update(content).digest("hex"),
				bytes: content.length,
			},
		},
	});

	const local = experimentIn(folder, experiment(FILE), "local.yaml");
	const same = await graft(["run", local, "--format", "json"], env);
	assert.equal(same.code, 0, same.stderr);
	const { metrics, cache } = JSON.parse(same.stdout);
	assert.deepEqual(metrics, JSON.parse(fetched.stdout).metrics);
	assert.equal(cache, "hit", "the same bytes are the same weights");

	const again = await graft(["check", file], env);
	assert.equal(again.stderr, "");
	assert.equal(seen.length, 2);
	assert.ok(
		!existsSync(join(JSON.parse(fetched.stdout).run_dir, "weights.lock.json")),
	);

	const pinned = readFileSync(join(folder, "weights.lock.json"), "utf8");
	writeFileSync(
		join(folder, "weights.lock.json"),
		pinned.replace(/"sha256": "../, '"sha256": "00'),
	);
	const changed = await graft(["check", file], env);
	assert.equal(changed.code, 2);
	assert.match(
		changed.stderr + changed.stdout,
		/error weights-lock: model\.safetensors of hf:me\/lite0 has the sha256/,
	);
});

test("predict and export fetch again what the cache has lost, and say so while it comes", async (t) => {
	const folder = folderFor(t);
	const content = readFileSync(FILE);
	let asked = 0;
	const port = await listen(
		t,
		createServer((request, response) => {
			asked++;
			response.setHeader("x-repo-commit", COMMIT);
			serveFile(request, response, content);
		}),
	);
	const env = {
		...envFor(folder),
		HF_ENDPOINT: `http://127.0.0.1:${port}`,
		HF_TOKEN: "",
		NO_PROXY: "127.0.0.1",
	};
	const file = experimentIn(folder, experiment("hf:me/lite0"));
	const ran = await graft(["run", file], env);
	assert.equal(ran.code, 0, ran.stderr);
	const photo = join(tuxpaint, "valid/bird/crow.jpg");
	const out = join(folder, "exported");
	for (const args of [
		["predict", "latest", photo],
		["export", "latest", "--to", "onnx", "--out", out, photo],
	]) {
		rmSync(join(folder, "cache"), { recursive: true });
		const before = asked;
		const ended = await graft(args, env);
		assert.equal(ended.code, 0, ended.stderr);
		assert.ok(asked > before);
		assert.match(ended.stderr, /weights {3}model\.safetensors/);
	}
	assert.ok(
		!existsSync(join(folder, "runs", "weights.lock.json")),
		"a run's own copy pins nothing",
	);
});

test("a hub that cannot be reached fails the run with its reason", async (t) => {
	const folder = folderFor(t);
	const env = {
		...envFor(folder),
		HF_ENDPOINT: "http://127.0.0.1:1",
		NO_PROXY: "127.0.0.1",
	};
	const { code, stderr } = await graft(
		["run", experimentIn(folder, experiment("hf:me/lite0"))],
		env,
	);
	assert.equal(code, 1);
	assert.match(
		stderr,
		/error download-broken: http:\/\/127\.0\.0\.1:1\/me\/lite0\/resolve\/main\/model\.safetensors: nothing listens there/,
	);
	assert.ok(!existsSync(join(folder, "weights.lock.json")));
});

test("torchvision's addresses carry the first digits of the sum", () => {
	const { weights } = zooEntry("vgg16") ?? {};
	assert.ok(weights?.kind === "torchvision");
	assert.match(weights.url, /-[0-9a-f]{8}\.pth$/);
});

test("a download is one line on a terminal, and a line every five seconds elsewhere", () => {
	const drawn = (isTTY: boolean) => {
		let written = "";
		let time = 0;
		const { onProgress } = downloadLine(
			{
				isTTY,
				columns: 200,
				write: (text) => {
					written += text;
				},
			},
			() => time,
		);
		for (const done of [0, 10e6, 20e6, 40e6]) {
			onProgress?.({ name: "w.pth", done, total: 40e6 });
			time += 3000;
		}
		onProgress?.({ name: "v.pth", done: 5, total: undefined });
		return written;
	};
	assert.equal(
		drawn(false),
		[
			"weights   w.pth  0 B of 40.0 MB",
			"weights   w.pth  20.0 MB of 40.0 MB, 3.3 MB/s, 6 s left",
			"weights   w.pth  40.0 MB of 40.0 MB, 4.4 MB/s",
			"weights   v.pth  5 B\n",
		].join("\n"),
	);
	assert.equal(drawn(true).split("\r").length, 6);
});

test("a sweep fetches nothing while one of its trials is wrong, then each file once", async (t) => {
	const folder = folderFor(t);
	const seen: string[] = [];
	const content = readFileSync(FILE);
	const port = await listen(
		t,
		createServer((request, response) => {
			seen.push(`${request.method} ${request.url}`);
			serveFile(request, response, content);
		}),
	);
	const url = `http://127.0.0.1:${port}/lite0.safetensors`;
	const sweep = (second: string) =>
		`${experiment(url)}sweep: { grid: { model.weights: ["${url}", ${second}], train.learning_rate: [0.1, 0.01] } }\n`;
	const env = { ...envFor(folder), NO_PROXY: "127.0.0.1" };
	const wrong = await graft(
		["run", experimentIn(folder, sweep("no/such.pth"))],
		env,
	);
	assert.equal(wrong.code, 2);
	assert.match(
		wrong.stderr + wrong.stdout,
		/error weights-missing: there is no weights file/,
	);
	assert.deepEqual(seen, []);
	const right = await graft(
		["run", experimentIn(folder, sweep("default"))],
		env,
	);
	assert.equal(right.code, 0, right.stderr);
	assert.deepEqual(seen, ["GET /lite0.safetensors"]);
	assert.ok(existsSync(join(folder, "weights.lock.json")));
});

test("Ctrl-C ends a sweep that is downloading; what has come is kept", async (t) => {
	const folder = folderFor(t);
	const port = await listen(
		t,
		createServer((_, response) => {
			response.writeHead(200, { "content-length": 1000, etag: '"a"' });
			response.write(Buffer.alloc(100));
		}),
	);
	const url = `http://127.0.0.1:${port}/w.safetensors`;
	const file = experimentIn(
		folder,
		`${experiment(url)}sweep: { grid: { train.learning_rate: [0.1, 0.01] } }\n`,
	);
	const place = join(folder, `cache/weights/127.0.0.1_${port}/w.safetensors`);
	let isKilled = false;
	const { code } = await graft(
		["run", file],
		{ ...envFor(folder), NO_PROXY: "127.0.0.1" },
		(stderr, kill) => {
			if (isKilled || !stderr.includes("weights   w.safetensors")) return;
			isKilled = true;
			setTimeout(() => kill("SIGINT"), 200);
		},
	);
	assert.equal(code, 130);
	assert.ok(existsSync(`${place}.part`));
	assert.ok(!existsSync(`${place}.lock`));
});

test("graft gate shows the download as run does, once for all its seeds", async (t) => {
	const folder = folderFor(t);
	const content = readFileSync(FILE);
	const seen: string[] = [];
	const port = await listen(
		t,
		createServer((request, response) => {
			seen.push(request.method ?? "");
			serveFile(request, response, content);
		}),
	);
	const address = `http://127.0.0.1:${port}/lite0.safetensors`;
	const env = { ...envFor(folder), NO_PROXY: "127.0.0.1" };
	const gated = await graft(
		["gate", experimentIn(folder, experiment(address))],
		env,
	);
	assert.match(
		gated.stderr,
		/^weights {3}lite0\.safetensors {2}18\.\d MB of /m,
	);
	assert.match(gated.stderr, /no-baseline/);
	assert.deepEqual(
		seen.filter((method) => method === "GET"),
		["GET"],
	);
});
