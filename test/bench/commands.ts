import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { graft, median, type Timing, timed } from "./process.ts";

/** Whole processes as a user starts them: check, plan, a cold run, a cached run. */
export async function commands(): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), "graft-bench-"));
	const env = {
		GRAFT_RUNS: join(folder, "runs"),
		GRAFT_CACHE: join(folder, "cache"),
	};
	try {
		await graft(["version"]);
		await report("check, by npm run", () =>
			timed(
				"npm",
				["run", "-s", "exp", "--", "check", "experiments/resize.yaml"],
				env,
			),
		);
		await report("check", () =>
			graft(["check", "experiments/resize.yaml"], env),
		);
		await report("plan", () => graft(["plan", "experiments/resize.yaml"], env));
		await report("run, cold", () => {
			rmSync(env.GRAFT_CACHE, { recursive: true, force: true });
			return graft(["run", "experiments/resize.yaml"], env);
		});
		await report("run, features cached", () =>
			graft(["run", "experiments/resize.yaml"], env),
		);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

async function report(name: string, run: () => Promise<Timing>): Promise<void> {
	const timings: Timing[] = [];
	for (let round = 0; round < 5; round++) timings.push(await run());
	const seconds = timings.map((timing) => timing.seconds);
	const peak = Math.max(...timings.map(({ peakMb }) => peakMb ?? Number.NaN));
	const spread = `${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)}`;
	console.log(
		`${name.padEnd(24)} ${median(seconds).toFixed(2)} s (${spread}), peak ${peak.toFixed(0)} MB`,
	);
}
