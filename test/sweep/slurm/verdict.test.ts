import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQueue } from "../../../src/sweep/slurm/commands.ts";
import {
	explainRefusal,
	isUnreachable,
} from "../../../src/sweep/slurm/refusals.ts";
import { tasksToSubmit } from "../../../src/sweep/slurm/select.ts";
import type {
	ExitReason,
	Queue,
	Round,
	Submitted,
} from "../../../src/sweep/slurm/types.ts";
import { type Facts, verdicts } from "../../../src/sweep/slurm/verdict.ts";
import type { Task } from "../../../src/sweep/types.ts";

/** What is made of the files and one squeue, case by case. */

const extraction: Task = {
	id: "extraction-e",
	kind: "extraction",
	trials: ["a", "b"],
	after: [],
	seconds: 1,
};
const head: Task = {
	id: "single-a",
	kind: "single",
	trials: ["a"],
	after: ["extraction-e"],
	seconds: 1,
};
const other: Task = {
	id: "single-b",
	kind: "single",
	trials: ["b"],
	after: [],
	seconds: 1,
};

test("a task nobody has submitted is new", () => {
	assert.equal(stateOf(facts({ rounds: [] })), "new");
});

test("squeue says what waits and what runs, also after an exit record of an earlier start", () => {
	assert.equal(stateOf(facts({ queue: queue("PENDING") })), "queued");
	assert.equal(stateOf(facts({ queue: queue("RUNNING") })), "running");
	assert.equal(
		stateOf(facts({ queue: queue("PENDING"), exit: "TERM" })),
		"queued",
	);
});

test("a controller that does not answer makes a task unknown, never failed", () => {
	const silent: Queue = {
		ok: false,
		words: "Unable to contact slurm controller",
	};
	const verdict = only(facts({ queue: silent }));
	assert.equal(verdict.state, "unknown");
	assert.deepEqual(tasksToSubmit([verdict], "user"), []);
	assert.equal(stateOf(facts({ queue: silent, exit: "USR1" })), "ended");
});

test("gone from squeue without a record is lost only after it was waited for", () => {
	assert.equal(stateOf(facts({})), "gone");
	const sure = only(facts({ lost: ["graft-x-single-1_0"] }));
	assert.deepEqual(
		[sure.state, sure.cause, sure.again],
		["ended", "infrastructure", true],
	);
});

for (const state of [
	"NODE_FAIL",
	"TIMEOUT",
	"PREEMPTED",
	"BOOT_FAIL",
	"DEADLINE",
])
	test(`${state} is infrastructure and is tried again`, () => {
		const { cause, again, why } = only(facts({ queue: queue(state) }));
		assert.deepEqual([cause, again, why], ["infrastructure", true, state]);
	});

test("FAILED without ever starting is infrastructure", () => {
	const { state, cause, why } = only(facts({ queue: queue("FAILED") }));
	assert.deepEqual([state, cause], ["gone", "infrastructure"]);
	assert.match(why, /FAILED without starting .*folder/);
});

test("a job that somebody cancelled by hand comes back by resume only", () => {
	for (const exit of ["TERM", undefined] as const) {
		const verdict = only(facts({ queue: queue("CANCELLED"), exit }));
		assert.equal(verdict.again, false);
		assert.deepEqual(tasksToSubmit([verdict], "graft"), []);
		assert.deepEqual(tasksToSubmit([verdict], "user"), [head]);
	}
});

test("memory that Slurm took away is counted as memory", () => {
	for (const exit of ["ended", undefined] as const)
		assert.equal(
			only(facts({ queue: queue("OUT_OF_MEMORY"), exit })).cause,
			"memory",
		);
});

test("a job whose number was lost with its shell is found by its name", () => {
	const unanswered = facts({ queue: queue("RUNNING"), submitted: [] });
	const verdict = only(unanswered);
	assert.deepEqual([verdict.state, verdict.job], ["running", "7_0"]);
	assert.equal(stateOf(facts({ submitted: [] })), "gone");
});

test("a live process that Slurm has given up on keeps its task; a second copy is made on request only", () => {
	const verdict = only(facts({ queue: queue("NODE_FAIL"), held: true }));
	assert.equal(verdict.state, "held");
	assert.deepEqual(tasksToSubmit([verdict], "graft"), []);
	assert.deepEqual(tasksToSubmit([verdict], "graft", true), [head]);
});

test("attempts are bounded by retries and counted anew when the user starts again", () => {
	const round = (n: number, by: Round["by"]): Round =>
		roundOf(n, by, [head.id]);
	const thrice = [round(1, "user"), round(2, "graft"), round(3, "graft")];
	const lost = queue("NODE_FAIL", "9_0", 3);
	const submitted = [answer(1, "7"), answer(2, "8"), answer(3, "9")];
	const spent = only(
		facts({ rounds: thrice, queue: lost, submitted, retries: 2 }),
	);
	assert.deepEqual([spent.attempts, spent.again], [3, false]);
	const more = only(
		facts({ rounds: thrice, queue: lost, submitted, retries: 3 }),
	);
	assert.equal(more.again, true);
	const anew = [round(1, "user"), round(2, "graft"), round(3, "user")];
	assert.equal(
		only(facts({ rounds: anew, queue: lost, submitted, retries: 2 })).attempts,
		1,
	);
});

test("bad input is never tried again by itself, by the user it is", () => {
	const verdict = only(facts({ exit: "ended", failure: "input" }));
	assert.deepEqual(
		[verdict.state, verdict.cause, verdict.again],
		["ended", "input", false],
	);
	assert.deepEqual(tasksToSubmit([verdict], "user"), [head]);
});

test("what is wrong on a node is said with the node's words", () => {
	assert.match(
		only(facts({ exit: "no-node" })).why,
		/Node\.js does not start on node0: not found/,
	);
	assert.match(only(facts({ exit: "no-graft" })).why, /no Graft on node0/);
	assert.match(only(facts({ exit: "version" })).why, /another version/);
	assert.match(
		only(facts({ exit: "setup" })).why,
		/setup ended the script on node0 with code 3/,
	);
});

test("a head that found its extraction missing has lost no attempt, and waits for an extraction that is worth one", () => {
	const rounds = [roundOf(1, "user", [extraction.id, head.id])];
	const base = facts({ rounds, tasks: [extraction, head] });
	const exitOf: Facts["exitOf"] = (job) =>
		exitRecord(job === "7_1" ? "waits" : "TERM");
	const both = verdicts({ ...base, exitOf });
	assert.deepEqual(
		both.map(({ attempts }) => attempts),
		[1, 0],
	);
	assert.deepEqual(tasksToSubmit(both, "graft"), [extraction, head]);
	const bad = verdicts({
		...base,
		exitOf: (job) => exitRecord(job === "7_1" ? "waits" : "ended"),
		failureOf: () => "input",
	});
	assert.deepEqual(tasksToSubmit(bad, "graft"), []);
	assert.deepEqual(tasksToSubmit(bad, "user"), [extraction, head]);
});

test("finished work is done, whatever Slurm says, and others go on without it", () => {
	const done = verdicts({
		...facts({ tasks: [head, other], rounds: [] }),
		isDone: ({ id }) => id === head.id,
	});
	assert.deepEqual(
		done.map(({ state }) => state),
		["done", "new"],
	);
	assert.deepEqual(tasksToSubmit(done, "graft"), [other]);
});

test("squeue's lines are read, arrays' tasks one by one", () => {
	assert.deepEqual(
		parseQueue(
			"12_3|graft-x-single-1|PENDING|JobArrayTaskLimit\n13|graft-x-collect-1|PENDING|Dependency\n",
		),
		[
			{
				id: "12_3",
				name: "graft-x-single-1",
				state: "PENDING",
				reason: "JobArrayTaskLimit",
			},
			{
				id: "13",
				name: "graft-x-collect-1",
				state: "PENDING",
				reason: "Dependency",
			},
		],
	);
});

test("a refusal names the key that made it", () => {
	const keys = {
		"invalid partition specified: gpus": "partition",
		"Batch job submission failed: Invalid account or account/partition combination specified":
			"partition",
		"Invalid qos specification": "qos",
		"Invalid generic resource (gres) specification": "gres",
		"Invalid --time specification": "time",
		"Invalid feature specification": "constraint",
		"sbatch: unrecognized option '--foo'": "sbatch",
	};
	for (const [words, key] of Object.entries(keys))
		assert.match(
			explainRefusal(words).fix,
			new RegExp(`slurm\\.${key}$`),
			words,
		);
	assert.ok(
		isUnreachable("Unable to contact slurm controller (connect failure)"),
	);
	assert.ok(!isUnreachable("Invalid partition name specified"));
});

interface Case {
	readonly tasks?: readonly Task[];
	readonly rounds?: readonly Round[];
	readonly submitted?: readonly Submitted[];
	readonly queue?: Queue;
	readonly exit?: ExitReason | undefined;
	readonly failure?: "input";
	readonly held?: boolean;
	readonly lost?: readonly string[];
	readonly retries?: number;
}

/** One head, submitted once as 7_0, of which nothing more is known. */
function facts({
	tasks = [head],
	rounds = [roundOf(1, "user", [head.id])],
	submitted = [answer(1, "7")],
	queue = { ok: true, jobs: [] },
	exit,
	failure,
	held = false,
	lost = [],
	retries = 3,
}: Case): Facts {
	return {
		tasks,
		rounds,
		submitted: new Map(submitted.map((one) => [one.name, one])),
		queue,
		isDone: () => false,
		exitOf: () => (exit === undefined ? undefined : exitRecord(exit)),
		hasStarted: () => false,
		failureOf: () => failure,
		isHeld: () => held,
		lost: new Set(lost),
		retries: { infrastructure: retries, memory: 1, nan: 0 },
	};
}

function only(facts: Facts) {
	const [verdict] = verdicts(facts);
	assert.ok(verdict);
	return verdict;
}

function stateOf(facts: Facts) {
	return only(facts).state;
}

function queue(state: string, id = "7_0", round = 1): Queue {
	return {
		ok: true,
		jobs: [{ id, name: `graft-x-single-${round}`, state, reason: "None" }],
	};
}

function roundOf(
	round: number,
	by: Round["by"],
	tasks: readonly string[],
): Round {
	const name = `graft-x-single-${round}`;
	return {
		version: 1,
		round,
		by,
		graft: "0.1.0",
		host: "h",
		pid: 1,
		created: "2026-01-01T00:00:00Z",
		jobs: [{ name, kind: "single", tasks }],
	};
}

function answer(round: number, job: string): Submitted {
	return { name: `graft-x-single-${round}`, time: "2026-01-01T00:00:00Z", job };
}

function exitRecord(reason: ExitReason) {
	return {
		key: "7_0.0",
		name: "graft-x-single-1",
		task: head.id,
		node: "node0",
		reason,
		code: 3,
		detail: "not found",
		time: "2026-01-01T00:00:00Z",
	};
}
