import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { makeFolder, removeFolders } from "../src/make-folder.ts";

const base = mkdtempSync(join(tmpdir(), "make folder ü-"));
test.after(() => rmSync(base, { recursive: true }));

test("a folder and those above it are made, once, and can be taken back", () => {
	const folder = join(base, "a", "b ß");
	assert.deepEqual(makeFolder(folder), [join(base, "a"), folder]);
	assert.deepEqual(makeFolder(folder), []);
	removeFolders([join(base, "a"), folder]);
	assert.equal(existsSync(join(base, "a")), false);
});

test("under /proc, where Node's own recursive mkdir never comes back, the system's reason is told", {
	skip: process.platform !== "linux",
}, () => {
	assert.throws(() => makeFolder("/proc/x/y"), { code: "ENOENT" });
});

test("a file in the way is named, and no folder is left behind", () => {
	writeFileSync(join(base, "file"), "");
	assert.throws(() => makeFolder(join(base, "file")), { code: "EEXIST" });
	assert.throws(() => makeFolder(join(base, "file", "x")), { code: "ENOTDIR" });
	assert.throws(() => makeFolder(join(base, "c", "x".repeat(300))), {
		code: "ENAMETOOLONG",
	});
	assert.equal(existsSync(join(base, "c")), false);
});
