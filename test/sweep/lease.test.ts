import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { random } from "../../src/random.ts";
import { markProcess } from "../../src/runs/process-alive.ts";
import { holderOf, takeLease } from "../../src/sweep/lease.ts";
import { folderFor } from "../support/graft.ts";

const elsewhere = { ...markProcess(process.pid), host: "elsewhere" };

function leaveBehind(folder: string, mark: unknown, ageSeconds: number) {
	const place = join(folder, "leases", "task");
	mkdirSync(place, { recursive: true });
	const path = join(place, "1.json");
	writeFileSync(path, JSON.stringify(mark));
	const then = Date.now() / 1000 - ageSeconds;
	utimesSync(path, then, then);
	return place;
}

test("a lease that a living process holds is not given a second time", (t) => {
	const folder = folderFor(t);
	const lease = takeLease(folder, "task");
	assert.ok(lease);
	assert.equal(takeLease(folder, "task"), undefined);
	assert.equal(holderOf(folder, "task")?.pid, process.pid);
	lease.release();
	assert.equal(holderOf(folder, "task"), undefined);
	const again = takeLease(folder, "task");
	assert.ok(again);
	again.release();
});

test("a lease of a process of this machine that is gone is taken at once, one of a living one never", (t) => {
	const folder = folderFor(t);
	// A process id that another process has since: the start mark tells.
	const gone = {
		...markProcess(process.pid),
		processStart: markProcess(process.pid).processStart?.replace(/\d+$/, "1"),
	};
	leaveBehind(folder, gone, 0);
	const lease = takeLease(folder, "task");
	assert.ok(lease);
	lease.release();

	const other = folderFor(t);
	leaveBehind(other, markProcess(process.pid), 1e6);
	assert.equal(takeLease(other, "task"), undefined);
});

test("a holder on another machine is known by its heartbeat", (t) => {
	const fresh = folderFor(t);
	leaveBehind(fresh, elsewhere, 5);
	assert.equal(takeLease(fresh, "task", { staleSeconds: 60 }), undefined);

	const stale = folderFor(t);
	leaveBehind(stale, elsewhere, 120);
	const lease = takeLease(stale, "task", { staleSeconds: 60 });
	assert.ok(lease);
	lease.release();
});

test("a holder that was taken over learns it, and its release harms nobody", async (t) => {
	const folder = folderFor(t);
	const lease = takeLease(folder, "task", { staleSeconds: 0.2 });
	assert.ok(lease);
	const place = join(folder, "leases", "task");
	writeFileSync(join(place, "2.json"), JSON.stringify(elsewhere));
	// A heartbeat keeps no process alive: the test does.
	while (!lease.lost.aborted) await sleep(10);
	lease.release();
	assert.deepEqual(readdirSync(place).sort(), ["1.json", "2.json"]);
	assert.equal(holderOf(folder, "task")?.host, "elsewhere");
});

test("a heartbeat keeps a lease fresh, and never changes what readers see", async (t) => {
	const folder = folderFor(t);
	const lease = takeLease(folder, "task", { staleSeconds: 0.2 });
	assert.ok(lease);
	const path = join(folder, "leases", "task", "1.json");
	const text = readFileSync(path, "utf8");
	utimesSync(path, 1, 1);
	await sleep(100);
	assert.equal(readFileSync(path, "utf8"), text);
	// Seen from another machine, by the heartbeat alone.
	const seen = JSON.parse(text) as { host: string };
	assert.equal(seen.host, markProcess(process.pid).host);
	lease.release();
	assert.ok(existsSync(path.replace(".json", ".released")));
});

test("of processes that fight for a lease and are killed at any moment, never two hold it", async (t) => {
	const folder = folderFor(t);
	const log = join(folder, "log");
	writeFileSync(log, "");
	const fighter = fileURLToPath(new URL("lease-fighter.ts", import.meta.url));
	const killed = new Set<number>();
	const start = () =>
		spawn(
			process.execPath,
			["--import", import.meta.resolve("tsx"), fighter, folder, log],
			{ stdio: ["ignore", "ignore", "inherit"] },
		);
	const fighters = [start(), start(), start()];
	const draw = random(5, "kills");
	const deadline = Date.now() + 20_000;
	const entered = () => readFileSync(log, "utf8").split("enter").length - 1;
	for (let kills = 0; kills < 5; kills++) {
		const before = entered();
		while (entered() < before + 40 && Date.now() < deadline) await sleep(5);
		await sleep(draw.integer(10));
		const victim = fighters.splice(draw.integer(fighters.length), 1)[0];
		if (victim === undefined) break;
		killed.add(victim.pid as number);
		victim.kill("SIGKILL");
		await once(victim, "exit");
		fighters.push(start());
	}
	await sleep(200);
	for (const each of fighters) {
		killed.add(each.pid as number);
		each.kill("SIGKILL");
	}
	let inside: number | undefined;
	let times = 0;
	for (const line of readFileSync(log, "utf8").trim().split("\n")) {
		const [what, pid] = [line.split(" ")[0], Number(line.split(" ")[1])];
		if (what === "enter") {
			assert.ok(
				inside === undefined || killed.has(inside),
				`${pid} entered while ${inside} was inside`,
			);
			inside = pid;
			times++;
		} else if (inside === pid) inside = undefined;
		else assert.fail(`${pid} left while ${inside} was inside`);
	}
	assert.ok(times > 200, `${times} entries`);
});
