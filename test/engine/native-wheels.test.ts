import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findPython } from "../../src/engine/native/checks.ts";
import type { Wheel } from "../../src/engine/native/recipe.ts";
import { bringWheel } from "../../src/engine/native/wheels.ts";
import { folderFor } from "../support/graft.ts";

const python = findPython();
const skip = "what" in python ? `needs: ${python.what}` : undefined;
const program = "program" in python ? python.program : "";

/** A wheel of two files, made by Python's own zipfile. */
function makeWheel(folder: string): Buffer {
	const path = join(folder, "made.whl");
	execFileSync(program, [
		"-c",
		`import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("grafted/lib/one.so", "one" * 1000)
    z.writestr("grafted/docs/readme.txt", "not wanted")
    z.writestr("grafted-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: grafted\\nVersion: 1.0\\n")
    z.writestr("grafted-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: false\\nTag: py3-none-manylinux2014_x86_64\\n")
    z.writestr("grafted-1.0.dist-info/RECORD", "")`,
		path,
	]);
	return readFileSync(path);
}

const FILE = "grafted-1.0-py3-none-manylinux2014_x86_64.whl";

/** An index of one wheel; `send` answers for its bytes. pip is set up to ask it and nothing else. */
async function index(
	context: TestContext,
	send: (response: ServerResponse) => void,
): Promise<readonly string[]> {
	const asked: string[] = [];
	const server = createServer(({ url = "" }, response) => {
		asked.push(url);
		if (url.endsWith(".whl")) return send(response);
		response.setHeader("content-type", "text/html");
		response.end(`<!DOCTYPE html><a href="/files/${FILE}">${FILE}</a>`);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const settings: Record<string, string> = {
		PIP_INDEX_URL: `http://127.0.0.1:${port}/simple`,
		PIP_TRUSTED_HOST: "127.0.0.1",
		PIP_RETRIES: "0",
		PIP_NO_CACHE_DIR: "1",
		PIP_FIND_LINKS: "",
		PIP_EXTRA_INDEX_URL: "",
	};
	const before = { ...process.env };
	Object.assign(process.env, settings);
	context.after(() => {
		for (const name of Object.keys(settings)) delete process.env[name];
		Object.assign(process.env, before);
		server.closeAllConnections();
		server.close();
	});
	return asked;
}

function wheelOf(bytes: Buffer, keep = ["grafted/lib/"]): Wheel {
	const sha256 = createHash("sha256").update(bytes).digest("hex");
	const size = bytes.length;
	return { name: "grafted", version: "1.0", sha256, bytes: size, keep };
}

/** What a build says. */
function options() {
	const steps: string[] = [];
	const onStep = (text: string) => void steps.push(text);
	return { python: program, onStep, steps };
}

test("a wheel is fetched once through pip's index, and of its files those that are kept", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(folder);
	const asked = await index(context, (response) => response.end(bytes));
	const building = join(folder, "building");
	await bringWheel(wheelOf(bytes), building, options());
	assert.equal(
		readFileSync(join(building, "grafted/lib/one.so"), "utf8").length,
		3000,
	);
	assert.ok(!existsSync(join(building, "grafted/docs")));
	const requests = asked.length;
	assert.ok(requests > 0);
	await bringWheel(wheelOf(bytes), building, options());
	assert.equal(asked.length, requests, "it was asked for again");
});

test("a wheel that came whole before a kill is unpacked without being asked for again", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(folder);
	const asked = await index(context, (response) => response.end(bytes));
	const building = join(folder, "building");
	// Killed while it was unpacked: the wheel is there, its files half, what pip was at lies about.
	mkdirSync(join(building, "wheels/part"), { recursive: true });
	writeFileSync(join(building, "wheels/part/half.whl"), bytes.subarray(0, 99));
	writeFileSync(join(building, "wheels/grafted-1.0.whl"), bytes);
	mkdirSync(join(building, "grafted/lib"), { recursive: true });
	writeFileSync(join(building, "grafted/lib/one.so"), "on");
	await bringWheel(wheelOf(bytes), building, options());
	assert.deepEqual(asked, []);
	assert.equal(
		readFileSync(join(building, "grafted/lib/one.so"), "utf8").length,
		3000,
	);
	assert.ok(!existsSync(join(building, "wheels/grafted-1.0.whl")));
});

test("other bytes than the pinned ones are thrown away, those of an earlier call too", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(folder);
	await index(context, (response) => response.end(bytes));
	const building = join(folder, "building");
	const wanted = { ...wheelOf(bytes), sha256: "0".repeat(64) };
	await assert.rejects(bringWheel(wanted, building, options()), {
		code: "native-wrong-hash",
		message:
			/grafted-1\.0-py3.*has the sha256 .* 0000000000000000… was expected; it was thrown away/,
	});
	assert.ok(!existsSync(join(building, "wheels/part")));
	// A file that was changed on the disk is fetched anew.
	writeFileSync(join(building, "wheels/grafted-1.0.whl"), "changed");
	await bringWheel(wheelOf(bytes), building, options());
	assert.ok(existsSync(join(building, "grafted/lib/one.so")));
});

test("a download that breaks off is said in pip's words, and the next call succeeds", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(folder);
	let isBroken = true;
	await index(context, (response) => {
		response.setHeader("content-length", bytes.length);
		if (!isBroken) return void response.end(bytes);
		response.write(bytes.subarray(0, 500));
		setTimeout(() => response.destroy(), 50);
	});
	const building = join(folder, "building");
	await assert.rejects(bringWheel(wheelOf(bytes), building, options()), {
		code: "native-download",
		message: /-m pip download … ended with/,
		fix: /pip config list.*PIP_NO_INDEX=1/,
	});
	assert.ok(!existsSync(join(building, "grafted")));
	isBroken = false;
	await bringWheel(wheelOf(bytes), building, options());
	assert.ok(existsSync(join(building, "grafted/lib/one.so")));
});

test("a wheel without the files that are wanted is refused by their names", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(folder);
	await index(context, (response) => response.end(bytes));
	const wheel = wheelOf(bytes, ["grafted/lib/", "grafted/include/"]);
	await assert.rejects(bringWheel(wheel, join(folder, "b"), options()), {
		code: "native-unpack",
		message: /holds no grafted\/include\//,
	});
});
