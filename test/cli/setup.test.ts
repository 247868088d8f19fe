import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { refuseFullDisk, unsupported } from "../../src/engine/native/checks.ts";
import { envFor as anyEnv, folderFor, graft, root } from "../support/graft.ts";

const isLinux = unsupported() === undefined;
const skip = isLinux ? undefined : "graft setup builds on Linux x64 only";

/** Whoever runs the tests may have named a folder of their own, which --undo would take away. */
const envFor = (folder: string) => ({ ...anyEnv(folder), GRAFT_NATIVE: "" });

test("what this machine lacks is said at once, each thing with its fix", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bare = join(folder, "bin");
	mkdirSync(bare);
	const env = { ...envFor(folder), PATH: bare, CXX: "" };
	const { code, stdout, stderr } = await graft(["setup", "native"], env);
	assert.deepEqual([code, stdout], [1, ""]);
	assert.match(
		stderr,
		/native-needs: this machine lacks Python 3 with pip, a compiler for C\+\+ \(g\+\+\), npm/,
	);
	assert.match(
		stderr,
		/fix: apt-get install python3 python3-pip; apt-get install g\+\+; put npm on the PATH/,
	);
	assert.doesNotMatch(stderr, /\n\s+at /);

	// A Python without pip, and a compiler that is named and not there.
	writeFileSync(
		join(bare, "python3"),
		'#!/bin/sh\n[ "$1" = --version ] && echo Python 3.12.1\n',
		{ mode: 0o755 },
	);
	const again = await graft(["setup", "native"], {
		...env,
		CXX: "no-such-g++",
	});
	assert.match(
		again.stderr,
		/lacks pip \(python3 -m pip\), the compiler that CXX names \(no-such-g\+\+\), npm/,
	);
	assert.match(
		again.stderr,
		/apt-get install python3-pip, or python3 -m ensurepip/,
	);
});

test("machines for which there is no TensorFlow to build against get a clear answer", () => {
	assert.equal(unsupported("linux", "x64", "2.36"), undefined);
	assert.equal(unsupported("linux", "x64", "2.27"), undefined);
	assert.match(
		unsupported("darwin", "arm64", null) ?? "",
		/Linux on x64 only, and this is darwin on arm64/,
	);
	assert.match(unsupported("win32", "x64", null) ?? "", /win32 on x64/);
	assert.match(unsupported("linux", "arm64", "2.36") ?? "", /linux on arm64/);
	assert.match(unsupported("linux", "x64", null) ?? "", /glibc/);
	assert.match(
		unsupported("linux", "x64", "2.17") ?? "",
		/this is glibc 2\.17/,
	);
});

test("a disk that is too full is said before anything is fetched", (context) => {
	const place = join(folderFor(context), "native");
	assert.throws(() => refuseFullDisk(place, 1e18), {
		code: "native-disk",
		message: /are free at .* and 1000000000\.0 GB are needed/,
	});
});

test("a folder of somebody else's is neither overwritten nor removed", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const mine = join(folder, "mine");
	mkdirSync(mine);
	writeFileSync(join(mine, "thesis.txt"), "three years");
	const env = { ...envFor(folder), GRAFT_NATIVE: mine };
	for (const more of [[], ["--undo"]]) {
		const { code, stderr } = await graft(["setup", "native", ...more], env);
		assert.equal(code, 1);
		assert.match(stderr, /native-foreign/);
	}
	assert.equal(readFileSync(join(mine, "thesis.txt"), "utf8"), "three years");
});

test("what cannot be set up is bad input, and what was never set up is not there to undo", async (context) => {
	const env = envFor(folderFor(context));
	const odd = await graft(["setup", "nativ"], env);
	assert.equal(odd.code, 2);
	assert.match(odd.stderr, /write graft setup native or graft setup gpu/);
	const undone = await graft(["setup", "native", "--undo"], env);
	assert.equal(undone.code, 0);
	assert.match(undone.stdout, /^there is no .*-cpu\n$/);
});

test("a setup that is killed leaves nothing that is taken for one, a second one waits for the first and goes on after it", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const env = {
		...envFor(folder),
		...{ npm_config_registry: await silentServer(context) },
		npm_config_cache: join(folder, "npm"),
	};
	const first = start(context, env, /npm install/);
	await first.seen;
	const second = start(context, env, /is at it: waiting for it/);
	await second.seen;
	first.child.kill("SIGKILL");
	// Now the second one has the lock, and begins where the first one was.
	await until(() => /npm install/.test(second.said()));
	second.child.kill("SIGKILL");
	const native = join(folder, "cache/native");
	assert.ok(existsSync(native));
	const { stdout } = await graft(
		["doctor", "--offline", "--format", "json"],
		env,
	);
	const engines = JSON.parse(stdout).engines as {
		name: string;
		text: string;
	}[];
	const found = engines.find(({ name }) => name === "tfjs native");
	assert.equal(found?.text, "not built");
	const undone = await graft(["setup", "native", "--undo"], env);
	assert.match(undone.stdout, /^removed /);
});

test("npm that fails is quoted, and the same command goes on", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const env = {
		...envFor(folder),
		npm_config_registry: "http://127.0.0.1:9/",
		npm_config_fetch_retries: "0",
		npm_config_cache: join(folder, "npm"),
	};
	const { code, stderr } = await graft(["setup", "native"], env);
	assert.equal(code, 1);
	assert.match(
		stderr,
		/native-download: npm install --ignore-scripts --no-audit … ended with 1\n.*ECONNREFUSED/s,
	);
	assert.match(stderr, /fix: npm's own words stand above/);
});

/** A registry that takes connections and never answers. */
async function silentServer(context: TestContext): Promise<string> {
	const server = createServer(() => undefined);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	context.after(() => {
		server.closeAllConnections();
		server.close();
	});
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** `graft setup native` in a process group of its own, so that its npm ends with the test. */
function start(context: TestContext, env: NodeJS.ProcessEnv, wanted: RegExp) {
	const child = spawn(process.execPath, ["src/graft.cjs", "setup", "native"], {
		...{ cwd: root, env, detached: true },
		stdio: ["ignore", "ignore", "pipe"],
	});
	context.after(() => {
		try {
			process.kill(-(child.pid ?? 0), "SIGKILL");
		} catch {
			// Gone already.
		}
	});
	let said = "";
	child.stderr.on("data", (chunk: Buffer) => {
		said += chunk;
	});
	return {
		child,
		said: () => said,
		seen: until(() => {
			if (child.exitCode !== null) throw new Error(`it ended: ${said}`);
			return wanted.test(said);
		}),
	};
}

async function until(isTrue: () => boolean): Promise<void> {
	while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 50));
}
