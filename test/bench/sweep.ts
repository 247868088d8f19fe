import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needs } from "../support/needs.ts";
import { benchPhotos } from "./photos.ts";
import { graft, median, root, timed } from "./process.ts";

/** Heads of cached_grid.py, and its learning rates: 1e-4 · 1.2^h. */
const HEADS = 52;
const EPOCHS = 10;

/**
 * 52 heads x 10 epochs on 1200 photos, whole processes and cold, against PyTorch with hand-cached features, then against
 * the usual PyTorch loop (one epoch of which is measured, times 520), and 1000 heads against 52. Both sides in turn, so
 * that a machine that drifts shows. Without PyTorch only the last is measured.
 */
export async function sweep(): Promise<void> {
	const photos = await benchPhotos(800, 400);
	const few = await cold(photos, sweepFile(photos, HEADS, 1));
	const torch = needs("torch");
	if (torch.missing) console.log(`PyTorch left out; ${torch.missing}`);
	else {
		const peer = (name: string, ...options: readonly string[]) =>
			timed(torch.path, [
				join(root, "test", "bench", "peers", name),
				photos,
				...options,
			]);
		const ratios: number[] = [];
		for (let round = 0; round < 3; round++) {
			const { seconds } = await peer("cached_grid.py");
			few.push(...(await cold(photos, sweepFile(photos, HEADS, 1))));
			const ours = few.slice(-2);
			ratios.push(seconds / median(ours));
			console.log(
				`${HEADS} heads: PyTorch, features by hand ${seconds.toFixed(1)} s; Graft ${ours.map((value) => value.toFixed(1)).join(" and ")} s`,
			);
		}
		console.log(`  Graft is ${median(ratios).toFixed(1)} times faster`);
		const { seconds } = await peer("seed_finetune.py", "--epochs", "1");
		const loop = seconds * EPOCHS * HEADS;
		console.log(
			`${HEADS} heads: PyTorch, the usual loop ${loop.toFixed(0)} s (${seconds.toFixed(1)} s an epoch); Graft is ${(loop / median(few)).toFixed(0)} times faster`,
		);
	}
	const many = await cold(photos, sweepFile(photos, 50, 20));
	few.push(...(await cold(photos, sweepFile(photos, HEADS, 1))));
	console.log(
		`1000 heads (50 learning rates, 20 seeds) ${median(many).toFixed(1)} s, ${(median(many) / median(few.slice(-2))).toFixed(1)} times ${HEADS} heads`,
	);
}

function sweepFile(photos: string, rates: number, seeds: number): string {
	const file = join(photos, `sweep-${rates * seeds}.yaml`);
	const values = Array.from({ length: rates }, (_, head) =>
		(1e-4 * 1.2 ** head).toPrecision(6),
	);
	writeFileSync(
		file,
		`name: bench
data: { root: . }
transforms:
  - Resize: { size: [224, 224] }
  - ToTensor
  - Normalize
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
train:
  loss: cross_entropy
  optimizer: { sgd: { momentum: 0.9 } }
  epochs: ${EPOCHS}
  batch_size: 32
sweep:
  grid:
    train.learning_rate: [${values.join(", ")}]
  seeds: ${seeds}
`,
	);
	return file;
}

/** Seconds of one sweep with nothing cached and no run before it. */
async function cold(photos: string, file: string): Promise<number[]> {
	const folder = mkdtempSync(join(tmpdir(), "graft-bench-"));
	try {
		const { seconds, stdout } = await graft(["run", file, "--format", "json"], {
			GRAFT_RUNS: join(folder, "runs"),
			GRAFT_CACHE: join(folder, "cache"),
		});
		const { status } = JSON.parse(stdout) as { status: string };
		if (status !== "FINISHED") throw new Error(`${photos}: ${status}`);
		return [seconds];
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
