import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
	chmodSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { envFor, folderFor } from "../support/graft.ts";
import {
	fewPhotos,
	finalTable,
	finishedRuns,
	start,
	sweepFile,
} from "./support.ts";

const GRID = `  grid: { train.learning_rate: [0.1, 0.03, 0.01, 0.003, 0.001, 0.0003], seed: [0, 1] }
  retries: { infrastructure: 0 }`;

/** Mounts a small disk of its own where that is allowed; else files cannot grow beyond a few kilobytes. */
function smallDisk(t: TestContext) {
	const folder = mkdtempSync(join(tmpdir(), "graft-disk-"));
	const mount = (...args: string[]) =>
		spawnSync("mount", [...args, folder]).status === 0;
	const isMounted = mount("-t", "tmpfs", "-o", "size=256k", "tmpfs");
	t.after(() => {
		if (isMounted) spawnSync("umount", ["-l", folder]);
		rmSync(folder, { recursive: true, force: true });
	});
	const limited = ["sh", "-c", `trap '' XFSZ; ulimit -f 4; exec "$@"`, "sh"];
	return {
		folder,
		wrapper: isMounted ? [] : limited,
		enlarge: () => isMounted && mount("-o", "remount,size=64m"),
		/** Of no effect on root where nothing is mounted. */
		protect: () =>
			isMounted ? mount("-o", "remount,ro") : chmodSync(folder, 0o555),
		free: () =>
			isMounted ? mount("-o", "remount,rw") : chmodSync(folder, 0o755),
	};
}

test("on a full disk the sweep ends with a clear error and no damage; with room again it ends as if nothing had been", async (t) => {
	const folder = folderFor(t);
	fewPhotos(folder);
	const file = sweepFile(folder, GRID);
	const env = envFor(folder);
	const whole = { ...env, GRAFT_RUNS: join(folder, "whole") };
	assert.equal((await start(["run", file], whole).ended).code, 0);
	const [id = ""] = readdirSync(whole.GRAFT_RUNS);

	const disk = smallDisk(t);
	const small = { ...env, GRAFT_RUNS: disk.folder };
	const full = await start(["run", file], small, disk.wrapper).ended;
	assert.equal(full.code, 1, full.stderr);
	assert.match(full.stderr, /ENOSPC|EFBIG|no space|too large/i);
	assert.doesNotMatch(full.stderr, /error internal/);

	disk.enlarge();
	const again = await start(["run", file], small).ended;
	assert.equal(again.code, 0, again.stderr);
	const sweep = join(disk.folder, id);
	assert.deepEqual(finalTable(sweep), finalTable(join(whole.GRAFT_RUNS, id)));
	const finished = [...finishedRuns(sweep).values()];
	assert.deepEqual(
		finished,
		finished.map(() => 1),
	);
});

test("a folder that may not be written is a clear error, and stays as it was", async (t) => {
	const folder = folderFor(t);
	fewPhotos(folder);
	const file = sweepFile(
		folder,
		"  grid: { train.learning_rate: [0.1, 0.01] }",
	);
	const disk = smallDisk(t);
	const env = { ...envFor(folder), GRAFT_RUNS: disk.folder };
	disk.enlarge();
	const first = await start(["run", file], env).ended;
	assert.equal(first.code, 0, first.stderr);
	const [id = ""] = readdirSync(disk.folder);
	const before = finalTable(join(disk.folder, id));
	disk.protect();
	t.after(disk.free);
	if (process.getuid?.() === 0 && disk.wrapper.length > 0)
		return t.diagnostic(
			"root may write everywhere, and nothing can be mounted",
		);
	sweepFile(folder, "  grid: { train.learning_rate: [0.1, 0.01, 0.001] }");
	const { code, stderr } = await start(["run", file], env).ended;
	assert.equal(code, 1);
	assert.match(stderr, /error sweep-folder: cannot write .*(EROFS|EACCES)/);
	assert.match(stderr, /fix: name a folder you may write to/);
	assert.deepEqual(finalTable(join(disk.folder, id)), before);
	assert.ok(existsSync(join(disk.folder, id, "sweep.json")));
});
