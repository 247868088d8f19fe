import assert from "node:assert/strict";
import test from "node:test";
import type { OnFailure } from "../../src/experiment/types.ts";
import { openSchedule } from "../../src/sweep/schedule.ts";
import type {
	FailureCause,
	Task,
	TaskKind,
	TrialFailure,
} from "../../src/sweep/types.ts";

function task(
	kind: TaskKind,
	name: string,
	trials: readonly string[],
	after: readonly string[] = [],
	seconds = 1,
): Task {
	return { id: `${kind}-${name}`, kind, trials, after, seconds };
}

/** A world of results and failures, as the files of a sweep. */
function world(tasks: readonly Task[], onFailure: OnFailure = "continue") {
	const results = new Set<string>();
	const failures = new Map<string, TrialFailure>();
	const open = () =>
		openSchedule({
			tasks,
			onFailure,
			retries: { infrastructure: 2, memory: 1, nan: 0 },
			hasResult: (trial) => results.has(trial),
			failureOf: (trial) => failures.get(trial),
		});
	const fail = (trial: string, cause: FailureCause) =>
		failures.set(trial, {
			trial,
			runId: undefined,
			cause,
			code: cause,
			message: cause,
			attempts: (failures.get(trial)?.attempts ?? 0) + 1,
			task: "",
			failed: "",
		});
	return { open, results, failures, fail };
}

const grid = [
	task("extraction", "a", ["1", "2", "3"]),
	task("stacked", "a", ["1", "2"], ["extraction-a"], 1),
	task("single", "b", ["3"], ["extraction-a"], 9),
];

test("heads wait for their extraction, and the longest comes first", () => {
	const { open, results } = world(grid);
	const schedule = open();
	assert.equal(schedule.next(0)?.id, "extraction-a");
	assert.equal(schedule.next(0), undefined);
	schedule.end("extraction-a", "finished", 0);
	assert.equal(schedule.readyCount(0, 9), 2);
	assert.equal(schedule.next(0)?.id, "single-b");
	assert.equal(schedule.next(0)?.id, "stacked-a");
	for (const trial of ["1", "2", "3"]) results.add(trial);
	schedule.end("single-b", "finished", 0);
	schedule.end("stacked-a", "finished", 0);
	assert.ok(schedule.isOver());
	assert.deepEqual(schedule.started(), {
		extraction: 1,
		stacked: 1,
		single: 1,
	});
});

test("what is finished is not started again, and an extraction that nobody waits for neither", () => {
	const { open, results } = world(grid);
	for (const trial of ["1", "2", "3"]) results.add(trial);
	const schedule = open();
	assert.equal(schedule.next(0), undefined);
	assert.ok(schedule.isOver());
});

test("only the trials that are missing are wanted of a task", () => {
	const { open, results } = world(grid);
	results.add("1");
	const schedule = open();
	schedule.next(0);
	schedule.end("extraction-a", "finished", 0);
	schedule.next(0);
	assert.deepEqual(schedule.next(0)?.trials, ["2"]);
});

test("a task that another process has is asked for again a little later", () => {
	const { open } = world([task("single", "a", ["1"])]);
	const schedule = open();
	schedule.next(0);
	schedule.end("single-a", "busy", 0);
	assert.equal(schedule.next(100), undefined);
	assert.equal(schedule.isOver(), false);
	assert.equal(schedule.next(1000)?.id, "single-a");
});

test("failures are tried again by their cause, each time later, and bad input never", () => {
	for (const [cause, tries] of [
		["infrastructure", 3],
		["memory", 2],
		["nan", 1],
		["input", 1],
	] as const) {
		const { open, fail } = world([task("single", "a", ["1"])]);
		const schedule = open();
		let now = 0;
		for (let attempt = 1; attempt <= tries; attempt++) {
			assert.ok(schedule.next(now), `${cause} attempt ${attempt}`);
			fail("1", cause);
			schedule.end("single-a", "failed", now);
			if (attempt === tries) break;
			const wait = 1000 * 2 ** (attempt - 1);
			assert.equal(schedule.next(now + wait - 1), undefined);
			now += wait;
		}
		assert.ok(schedule.isOver(), cause);
		assert.equal(schedule.failed().length, 1);
	}
});

test("a new start forgives the failures of earlier ones", () => {
	const { open, fail } = world([task("single", "a", ["1"])]);
	fail("1", "input");
	const schedule = open();
	assert.equal(schedule.next(0)?.id, "single-a");
});

test("heads whose extraction failed for good are over without being started", () => {
	const { open, fail } = world(grid);
	const schedule = open();
	schedule.next(0);
	for (const trial of ["1", "2", "3"]) fail(trial, "input");
	schedule.end("extraction-a", "failed", 0);
	assert.equal(schedule.next(0), undefined);
	assert.ok(schedule.isOver());
	assert.equal(schedule.failed().length, 3);
});

test("an extraction whose first attempt died is over once the second has filled the cache", () => {
	const { open, fail } = world(grid);
	const schedule = open();
	schedule.next(0);
	for (const trial of ["1", "2", "3"]) fail(trial, "infrastructure");
	schedule.end("extraction-a", "failed", 0);
	assert.equal(schedule.next(1000)?.id, "extraction-a");
	schedule.end("extraction-a", "finished", 2000);
	assert.equal(schedule.next(2000)?.kind, "single");
});

test("on_failure stops after so many trials that failed for good", () => {
	const singles = ["1", "2", "3"].map((id) => task("single", id, [id]));
	for (const [onFailure, most] of [
		["stop", 1],
		[{ stop_after: 2 }, 2],
	] as const) {
		const { open, fail } = world(singles, onFailure);
		const schedule = open();
		for (let n = 1; n <= most; n++) {
			const next = schedule.next(0);
			assert.ok(next);
			fail(next.trials[0] as string, "input");
			schedule.end(next.id, "failed", 0);
		}
		assert.ok(schedule.isStopped());
		assert.ok(schedule.isOver());
		assert.equal(schedule.next(0), undefined);
	}
});
