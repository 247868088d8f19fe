import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import test from "node:test";
import { countOomKills, explainDeath } from "../../src/sweep/died.ts";

const base = {
	exitCode: undefined,
	signal: undefined,
	tail: "",
	oomKilled: false,
	reason: undefined,
};

test("a process that a signal ended is infrastructure, one that the kernel killed for memory is not", () => {
	const killed = { ...base, signal: "SIGKILL" };
	assert.deepEqual(explainDeath(killed), {
		memory: false,
		message: "the worker process was ended by SIGKILL",
	});
	assert.deepEqual(explainDeath({ ...killed, oomKilled: true }), {
		memory: true,
		message:
			"the worker process was ended by SIGKILL, for the memory was used up",
	});
	const other = explainDeath({ ...base, signal: "SIGSEGV", oomKilled: true });
	assert.equal(other.memory, false);
	assert.equal(explainDeath({ ...base, exitCode: 137 }).memory, true);
});

test("a real process whose heap is full is known by what it says", () => {
	const { status, signal, stderr } = spawnSync(
		process.execPath,
		[
			"--max-old-space-size=16",
			"-e",
			"const all = []; for (;;) all.push(new Array(1000).fill({}));",
		],
		{ encoding: "utf8" },
	);
	const { memory, message } = explainDeath({
		...base,
		exitCode: status ?? undefined,
		signal: signal ?? undefined,
		tail: stderr,
	});
	assert.equal(memory, true);
	assert.match(message, /heap out of memory|heap limit/);
});

test("the kernel's count of kills is a number that never falls", () => {
	const first = countOomKills();
	assert.ok(Number.isInteger(first) && first >= 0);
	assert.ok(countOomKills() >= first);
});
