import { parentPort, workerData } from "node:worker_threads";
import { createSession } from "../../src/engine/ort.ts";
import type { Graph, Weights } from "../../src/model/types.ts";

/** One thread of precision.ts: the network photo by photo for so many seconds, as extraction's workers do. */

/** What it is born with. */
export interface ForwardData {
	readonly graph: Graph;
	readonly weights: Weights;
	readonly threads: number;
}

const { graph, weights, threads } = workerData as ForwardData;
const output = graph.outputs[0]?.name ?? "";
const session = await createSession(graph, weights, {
	outputs: [output],
	intraOpThreads: threads,
});
const pixels = Float32Array.from({ length: 3 * 224 * 224 }, (_, at) =>
	Math.sin(at),
);
const shape = [1, 3, 224, 224];
await session.run(pixels, shape);
parentPort?.postMessage("ready");
parentPort?.on("message", async (seconds: number) => {
	if (seconds === 0) process.exit();
	await session.run(pixels, shape);
	const start = performance.now();
	let photos = 0;
	while (performance.now() - start < 1000 * seconds) {
		await session.run(pixels, shape);
		photos++;
	}
	parentPort?.postMessage((1000 * photos) / (performance.now() - start));
});
