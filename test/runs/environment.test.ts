import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { captureEnvironment } from "../../src/runs/environment.ts";
import { gitState } from "../../src/runs/git-state.ts";
import { temporaryFolder } from "./example-run.ts";

const FACTS = {
	git: undefined,
	backend: "wasm",
	dataFingerprint: "d",
	provider: "cpu",
	weightsSha256: "w",
};

function git(folder: string, ...args: string[]): string {
	return execFileSync(
		"git",
		[
			"-c",
			"user.name=a",
			"-c",
			"user.email=a@b",
			"-c",
			"commit.gpgsign=false",
			...args,
		],
		{ cwd: folder, encoding: "utf8" },
	).trim();
}

test("the environment names versions, machine, backend and hashes", (t) => {
	const begin = performance.now();
	const environment = captureEnvironment(FACTS);
	t.diagnostic(`captured in ${(performance.now() - begin).toFixed(0)} ms`);
	assert.equal(environment.node, process.version);
	assert.match(environment.graft, /^\d+\.\d+\.\d+/);
	for (const name of ["onnxruntime-node", "sharp", "@tensorflow/tfjs-core"])
		assert.match(environment.packages[name] ?? "", /^\d+\./);
	assert.ok(environment.cores >= 1);
	assert.ok(environment.memoryGb > 0.1);
	assert.equal(environment.backend, "wasm");
	assert.deepEqual(
		JSON.parse(JSON.stringify(environment)).host,
		environment.host,
	);
});

test("git's commit, branch and changes of tracked files are seen, without writing to the repository", async (t) => {
	const folder = temporaryFolder(t);
	assert.equal(await gitState(folder), undefined);
	git(folder, "init", "-q", "-b", "topic/猫");
	assert.equal(await gitState(folder), undefined);
	writeFileSync(join(folder, "a"), "1");
	git(folder, "add", "a");
	git(folder, "commit", "-q", "-m", "a");
	const commit = git(folder, "rev-parse", "HEAD");
	writeFileSync(join(folder, "untracked"), "");
	assert.deepEqual(await gitState(folder), {
		commit,
		branch: "topic/猫",
		dirty: false,
	});
	writeFileSync(join(folder, "a"), "22");
	assert.equal((await gitState(folder))?.dirty, true);
	git(folder, "checkout", "-q", "--detach");
	assert.equal((await gitState(folder))?.branch, "(detached)");
});

test("a folder that is not there has no git state", async (t) => {
	assert.equal(await gitState(join(temporaryFolder(t), "missing")), undefined);
});
