import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findPython } from "../../src/engine/native/checks.ts";
import type { Wheel } from "../../src/engine/native/recipe.ts";
import { bringWheel } from "../../src/engine/native/wheels.ts";
import { folderFor } from "../support/graft.ts";
import { makeWheel, openIndex } from "./wheel-index.ts";

const python = findPython();
const skip = "what" in python ? `needs: ${python.what}` : undefined;
const program = "program" in python ? python.program : "";

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
	const bytes = makeWheel(program, folder);
	const asked = await openIndex(context, {
		send: (response) => response.end(bytes),
	});
	const building = join(folder, "building");
	await bringWheel(wheelOf(bytes), building, options());
	assert.equal(
		readFileSync(join(building, "grafted/lib/one.so"), "utf8").length,
		3000,
	);
	assert.ok(!existsSync(join(building, "grafted/docs")));
	const { pages, wheels } = asked;
	assert.deepEqual([pages.length, wheels.length], [1, 1]);
	await bringWheel(wheelOf(bytes), building, options());
	assert.deepEqual(
		[pages.length, wheels.length],
		[1, 1],
		"it was asked for again",
	);
});

test("a wheel that came whole before a kill is unpacked without being asked for again", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(program, folder);
	const asked = await openIndex(context, {
		send: (response) => response.end(bytes),
	});
	const building = join(folder, "building");
	// Killed while it was unpacked: the wheel is there, its files half, what pip was at lies about.
	mkdirSync(join(building, "wheels/pip"), { recursive: true });
	writeFileSync(join(building, "wheels/pip/half.whl"), bytes.subarray(0, 99));
	writeFileSync(join(building, "wheels/grafted-1.0.whl"), bytes);
	mkdirSync(join(building, "grafted/lib"), { recursive: true });
	writeFileSync(join(building, "grafted/lib/one.so"), "on");
	await bringWheel(wheelOf(bytes), building, options());
	assert.deepEqual([...asked.pages, ...asked.wheels], []);
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
	const bytes = makeWheel(program, folder);
	await openIndex(context, {
		send: (response) => response.end(bytes),
	});
	const building = join(folder, "building");
	const wanted = { ...wheelOf(bytes), sha256: "0".repeat(64) };
	await assert.rejects(bringWheel(wanted, building, options()), {
		code: "native-wrong-hash",
		message:
			/grafted 1\.0 has the sha256 .* 0000000000000000… was expected; it was thrown away/,
	});
	assert.ok(!existsSync(join(building, "wheels/grafted-1.0.whl.part")));
	// A file that was changed on the disk is fetched anew.
	writeFileSync(join(building, "wheels/grafted-1.0.whl"), "changed");
	await bringWheel(wheelOf(bytes), building, options());
	assert.ok(existsSync(join(building, "grafted/lib/one.so")));
});

test("a download that breaks off is said with how far it came, and the next call succeeds", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(program, folder);
	let isBroken = true;
	await openIndex(context, {
		send(response) {
			response.setHeader("content-length", bytes.length);
			if (!isBroken) return void response.end(bytes);
			response.write(bytes.subarray(0, 500));
			setTimeout(() => response.destroy(), 50);
		},
	});
	const building = join(folder, "building");
	await assert.rejects(bringWheel(wheelOf(bytes), building, options()), {
		code: "native-download",
		message:
			/grafted-1\.0-py3-none\S+, after \d+ bytes: .*[Cc]onnection bro.* \d+ more/,
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
	const bytes = makeWheel(program, folder);
	await openIndex(context, {
		send: (response) => response.end(bytes),
	});
	const wheel = wheelOf(bytes, ["grafted/lib/", "grafted/include/"]);
	await assert.rejects(bringWheel(wheel, join(folder, "b"), options()), {
		code: "native-unpack",
		message: /holds no grafted\/include\//,
	});
});
