import assert from "node:assert/strict";
import test from "node:test";
import { epochLine } from "../../src/cli/epoch-line.ts";
import { progressLine } from "../../src/features/progress.ts";
import { type Progress, progressMeter } from "../../src/features/rate.ts";

/** A stream that keeps what is written, and a clock that stands where it is set. */
function setup(stream: { isTTY?: boolean; columns?: number } = {}) {
	const written: string[] = [];
	const clock = { ms: 0 };
	const line = progressLine(
		"features",
		{ ...stream, write: (text) => written.push(text) },
		() => clock.ms,
	);
	return { written, clock, line };
}

const half: Progress = {
	done: 600,
	total: 1200,
	photosPerSecond: 143.4,
	etaSeconds: 4.2,
};

test("a terminal gets a bar at most ten times a second, and the last state", () => {
	const { written, clock, line } = setup({ isTTY: true, columns: 80 });
	for (clock.ms = 0; clock.ms < 250; clock.ms += 10) line.show(half);
	assert.equal(written.length, 3);
	assert.equal(
		written[0],
		"\rfeatures ━━━━━━━━━━━━━━━─────────────── 600/1200, 143 photos/s, 4 s left\u001b[K",
	);
	line.show({ ...half, done: 1200, etaSeconds: 0 });
	line.end();
	assert.deepEqual(written.slice(-2), [
		"\rfeatures ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 1200/1200, 143 photos/s\u001b[K",
		"\n",
	]);
});

test("a narrow terminal gets no line wider than itself", () => {
	const { written, line } = setup({ isTTY: true, columns: 30 });
	line.show(half);
	assert.equal(written[0], "\rfeatures 600/1200, 143 photos\u001b[K");
});

test("elsewhere there is a plain line every few seconds and one at the end", () => {
	const { written, clock, line } = setup();
	for (clock.ms = 0; clock.ms <= 11_000; clock.ms += 100) line.show(half);
	line.show({ done: 1200, total: 1200, photosPerSecond: 2.25, etaSeconds: 0 });
	line.end();
	const plain = "features 600/1200, 143 photos/s, 4 s left\n";
	assert.deepEqual(written, [
		plain,
		plain,
		"features 1200/1200, 2.3 photos/s\n",
	]);
});

test("nothing is written where nothing was to be done", () => {
	const { written, line } = setup();
	line.end();
	assert.deepEqual(written, []);
});

test("long waits are told in minutes and hours", () => {
	const { written, line } = setup({ isTTY: true, columns: 100 });
	line.show({ ...half, etaSeconds: 3725 });
	line.end();
	assert.match(written[0], /1 h 2 min left/);
});

test("the rate is that of the last seconds; loading the network is no part of it", () => {
	const clock = { ms: 0 };
	const seen: Progress[] = [];
	const meter = progressMeter(
		1000,
		(progress) => seen.push(progress),
		() => clock.ms,
	);
	const none = { done: 0, total: 1000, photosPerSecond: 0 };
	assert.deepEqual(seen[0], { ...none, etaSeconds: undefined });
	clock.ms = 10_000;
	meter.add(1);
	meter.add(1);
	assert.equal(seen[2]?.etaSeconds, undefined);
	for (let n = 0; n < 10; n++) {
		clock.ms += 100;
		meter.add(2);
	}
	assert.ok(Math.abs((seen.at(-1)?.etaSeconds as number) - 978 / 20) < 3);
	for (let n = 0; n < 100; n++) {
		clock.ms += 100;
		meter.add(4);
	}
	const last = seen.at(-1) as Progress;
	assert.ok(
		Math.abs(last.photosPerSecond - 40) < 0.5,
		`${last.photosPerSecond}`,
	);
	assert.ok(Math.abs((last.etaSeconds as number) - 578 / 40) < 1);
});

test("an epoch that takes its time says how far it is, and one that does not says nothing", () => {
	const written: string[] = [];
	let time = 0;
	const stream = (isTTY: boolean) => ({
		...{ isTTY, columns: 80 },
		write: (text: string) => written.push(text),
	});
	const plain = epochLine(stream(false), () => time);
	plain.show({ epoch: 1, done: 32, total: 64 });
	plain.show({ epoch: 1, done: 64, total: 64 });
	plain.clear();
	assert.deepEqual(written, []);
	for (const done of [30, 60, 90]) {
		plain.show({ epoch: 2, done, total: 300 });
		time += 3000;
	}
	plain.show({ epoch: 2, done: 120, total: 300 });
	assert.deepEqual(written, [
		"epoch 2, photo 90/300, 10 photos/s, 21 s left\n",
	]);
	written.length = 0;
	const terminal = epochLine(stream(true), () => time);
	terminal.show({ epoch: 1, done: 30, total: 300 });
	terminal.clear();
	assert.match(written[0] ?? "", /^\repoch 1, photo .*0\/300/);
	assert.equal(written.at(-1), "\r\u001b[K");
});
