import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { pathToFileURL } from "node:url";
import { openTfjs } from "../../src/engine/backend.ts";
import { packageRoot } from "../../src/paths.ts";

const folder = mkdtempSync(join(tmpdir(), "graft-backend-"));
after(() => rmSync(folder, { recursive: true }));

/** Opens tfjs in a process of its own, in a project folder that may hold a tfjs-node. */
function openThere(
	cwd: string,
	variables: Record<string, string> = {},
): { name?: string; reason?: string; code?: string; message?: string } {
	const backend = pathToFileURL(join(packageRoot(), "src/engine/backend.ts"));
	const program = `import(${JSON.stringify(backend.href)}).then((m) => m.openTfjs()).then(
		({ tf, name, reason }) => console.log(JSON.stringify({ name, reason, sum: tf.sum?.(tf.tensor([1, 2])).dataSync()[0] })),
		({ code, message }) => console.log(JSON.stringify({ code, message })));`;
	const tsx = createRequire(import.meta.url).resolve("tsx");
	const { stdout, stderr } = spawnSync(
		process.execPath,
		["--import", pathToFileURL(tsx).href, "--eval", program],
		{ cwd, encoding: "utf8", env: { ...process.env, ...variables } },
	);
	assert.equal(stderr, "");
	return JSON.parse(stdout);
}

/** A project in which `npm install @tensorflow/tfjs-node` left this program. */
function projectWith(name: string, source: string): string {
	const project = join(folder, name);
	const home = join(project, "node_modules/@tensorflow/tfjs-node");
	mkdirSync(home, { recursive: true });
	writeFileSync(join(home, "index.js"), source);
	return project;
}

test("without tfjs-node it is wasm, and it says why", () => {
	const { name, reason } = openThere(folder);
	assert.equal(name, "wasm");
	assert.equal(
		reason,
		"tfjs-node-gpu is not installed, tfjs-node is not installed",
	);
});

test("GRAFT_BACKEND insists", () => {
	const cpu = openThere(folder, { GRAFT_BACKEND: "cpu" });
	assert.deepEqual([cpu.name, cpu.reason], ["cpu", "asked for by name"]);
	const node = openThere(folder, { GRAFT_BACKEND: "node" });
	assert.equal(node.code, "backend-missing");
	assert.match(node.message ?? "", /tfjs-node is not installed/);
	const typo = openThere(folder, { GRAFT_BACKEND: "wsam" });
	assert.equal(typo.code, "backend-unknown");
});

test("a tfjs-node of the user's project is taken, with what Node 23 removed put back", () => {
	const project = projectWith(
		"with-native",
		`const util = require("util");
		if (!util.isNullOrUndefined(null) || !util.isArray([])) throw new Error("no shims");
		exports.version_core = "4.22.0"; exports.ready = async () => {}; exports.tensor = () => {};`,
	);
	const { name, reason } = openThere(project);
	assert.deepEqual([name, reason], ["tfjs-node", "tfjs-node is installed"]);
});

test("a broken tfjs-node is passed over and said to be broken", () => {
	const project = projectWith("broken", `throw new Error("wrong ELF class");`);
	const { name, reason } = openThere(project);
	assert.equal(name, "wasm");
	assert.match(
		reason ?? "",
		/tfjs-node is there but does not load \(wrong ELF class/,
	);
});

test("wasm leaves no handler on the process that would swallow a failure", async () => {
	const events = ["uncaughtException", "unhandledRejection"] as const;
	const before = events.map((event) => process.listenerCount(event));
	const { tf, name } = await openTfjs("wasm");
	assert.equal(name, "wasm");
	assert.equal(tf.sum(tf.tensor([1, 2])).dataSync()[0], 3);
	assert.deepEqual(
		events.map((event) => process.listenerCount(event)),
		before,
	);
});
