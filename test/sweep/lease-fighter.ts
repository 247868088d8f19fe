import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { takeLease } from "../../src/sweep/lease.ts";

/** Takes and gives back one lease again and again, noting each in a log: `node lease-fighter.ts FOLDER LOG`. */
const [, , folder = "", log = ""] = process.argv;
for (;;) {
	const lease = takeLease(folder, "prize");
	if (lease !== undefined) {
		appendFileSync(log, `enter ${process.pid}\n`);
		await sleep(2);
		appendFileSync(log, `leave ${process.pid}\n`);
		lease.release();
	}
	await sleep(1);
}
