import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { decodePhoto } from "../../src/data/decode.ts";
import { applyTransforms } from "../../src/data/transforms.ts";
import { createSession } from "../../src/engine/ort.ts";
import { prepare } from "../../src/prepare.ts";
import { random } from "../../src/random.ts";
import { benchExperiment } from "./experiment.ts";
import { benchPhotos } from "./photos.ts";
import { graft, median } from "./process.ts";

/**
 * Extraction's wall time in a cold run of the program, its threads' start included, against its lower bound, (CPU seconds of onnxruntime on ready tensors + CPU seconds of
 * decoding and resizing) / cores. Both sides in turn, three times; the median of the ratios counts.
 */
export async function extraction(): Promise<void> {
	const root = await benchPhotos(800, 400);
	const ratios: number[] = [];
	for (let round = 1; round <= 3; round++) {
		const cache = mkdtempSync(join(tmpdir(), "graft-bench-"));
		try {
			const file = benchExperiment(root);
			const found = await prepare(file, {
				sets: [],
				cacheFolder: cache,
				hash: true,
				missing: "error",
			});
			if (!found.ok) throw new Error(JSON.stringify(found.diagnostics));
			const { plan, dataset, backbone } = found.value;
			if (dataset === undefined) throw new Error("no photos");
			const { stdout } = await graft(["run", file, "--format", "json"], {
				GRAFT_CACHE: cache,
				GRAFT_RUNS: join(cache, "runs"),
			});
			const { seconds } = JSON.parse(stdout) as {
				seconds: Record<string, number>;
			};
			const wall = seconds.features as number;

			const draw = random(0, "bench");
			const photos = dataset.samples.slice(0, 200);
			const tensors: Float32Array[] = [];
			const pixelStart = cpuSeconds();
			for (const { path } of photos) {
				const bytes = readFileSync(join(dataset.root, path));
				const pixels = await decodePhoto(bytes, { exif: "apply" });
				const image = applyTransforms(pixels, plan.eval.transforms, draw);
				tensors.push(image.data as Float32Array);
			}
			const pixelCpu = cpuSeconds() - pixelStart;
			const session = await createSession(
				plan.graph,
				await backbone.loadWeights(),
				{
					outputs: [plan.eval.cutTensor],
					intraOpThreads: 1,
				},
			);
			const networkStart = cpuSeconds();
			for (const tensor of tensors)
				await session.run(tensor, [1, ...plan.eval.inputShape]);
			const networkCpu = cpuSeconds() - networkStart;
			await session.close();

			const scale = dataset.samples.length / photos.length;
			const cores = availableParallelism();
			const bound = ((pixelCpu + networkCpu) * scale) / cores;
			ratios.push(wall / bound);
			console.log(
				`round ${round}: ${dataset.samples.length} photos in ${wall.toFixed(2)} s wall; bound (${(networkCpu * scale).toFixed(2)} s onnxruntime + ${(pixelCpu * scale).toFixed(2)} s decode and transform) / ${cores} = ${bound.toFixed(2)} s; ratio ${(wall / bound).toFixed(3)}`,
			);
		} finally {
			rmSync(cache, { recursive: true, force: true });
		}
	}
	console.log(`extraction: ${median(ratios).toFixed(3)} times its bound`);
}

function cpuSeconds(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1e6;
}
