import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needs } from "../support/needs.ts";
import { benchExperiment } from "./experiment.ts";
import { benchPhotos } from "./photos.ts";
import { graft, median, root, timed } from "./process.ts";

/**
 * One run of ten epochs on 1200 photos, whole processes, against the usual PyTorch loop on the same photos. Graft runs
 * before and after the loop, so that a machine that drifts shows.
 */
export async function loop(): Promise<void> {
	const torch = needs("torch");
	if (torch.missing) {
		console.log(`left out; ${torch.missing}`);
		return;
	}
	const photos = await benchPhotos(800, 400);
	const file = benchExperiment(photos);
	const folder = mkdtempSync(join(tmpdir(), "graft-bench-"));
	const env = {
		GRAFT_RUNS: join(folder, "runs"),
		GRAFT_CACHE: join(folder, "cache"),
	};
	const run = async () =>
		(await graft(["run", file, "--format", "json"], env)).seconds;
	const cold: number[] = [];
	const cached: number[] = [];
	const measure = async () => {
		for (let round = 0; round < 2; round++) {
			rmSync(env.GRAFT_CACHE, { recursive: true, force: true });
			cold.push(await run());
			for (let again = 0; again < 2; again++) cached.push(await run());
		}
	};
	try {
		await measure();
		const peer = join(root, "test", "bench", "peers", "seed_finetune.py");
		const { seconds } = await timed(torch.path, [
			peer,
			photos,
			"--epochs",
			"10",
		]);
		await measure();
		const [slow, fast] = [median(cold), median(cached)];
		console.log(`PyTorch, the usual loop  ${seconds.toFixed(1)} s`);
		console.log(
			`Graft, cold              ${slow.toFixed(2)} s, ${(seconds / slow).toFixed(1)} times faster`,
		);
		console.log(
			`Graft, features cached   ${fast.toFixed(2)} s, ${(seconds / fast).toFixed(0)} times faster`,
		);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
