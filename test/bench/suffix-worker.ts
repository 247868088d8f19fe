import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { openTfjs } from "../../src/engine/backend.ts";
import { compileGraph } from "../../src/engine/tfjs/compile.ts";
import { openParameters } from "../../src/engine/tfjs/parameters.ts";
import { initialWeights } from "../../src/model/init.ts";
import { applyFreeze } from "../../src/plan/freeze.ts";
import { random } from "../../src/random.ts";
import { openLoss } from "../../src/train/loss.ts";
import { openOptimizer } from "../../src/train/optimizer.ts";
import { trainStep } from "../../src/train/step.ts";
import { zooSuffix } from "../oracle/zoo-suffix.ts";
import { optionsOf } from "../train/support.ts";

/**
 * A process that trains one suffix with Graft's own step: each line of stdin is how many steps to take, each line of
 * stdout the milliseconds of each of them and the process's peak of memory in MB, JSON.
 */
interface Asked {
	readonly network: string;
	readonly from?: string;
	readonly shape: readonly number[];
	readonly batch: number;
	readonly classes: number;
}

const { network, from, shape, batch, classes } = JSON.parse(
	process.argv[2] as string,
) as Asked;
const { tf } = await openTfjs();
const graph = zooSuffix(network, from, classes);
const { trainable, buffers } = applyFreeze(graph, "none", new Set());
const names = graph.initializers
	.filter(({ values }) => values === undefined)
	.map(({ name }) => name);
const parameters = openParameters(
	tf,
	[graph],
	initialWeights(graph, names, 1),
	trainable,
	buffers,
);
const options = optionsOf({
	...{ loss: "cross_entropy", epochs: 1, learning_rate: 0.001 },
	batch_size: batch,
	optimizer: {
		sgd: { momentum: 0.9, dampening: 0, nesterov: false, weight_decay: 0 },
	},
});
const { normal, uniform } = random(0, "bench");
const size = shape.reduce((product, dim) => product * dim, batch);
const features = Float32Array.from({ length: size }, () => normal());
const labels = Int32Array.from({ length: batch }, () =>
	Math.floor(uniform() * classes),
);
const trainer = {
	...{ tf, parameters, microBatch: batch },
	graph: compileGraph(tf, graph, parameters),
	optimizer: openOptimizer(tf, parameters, options.optimizer),
	loss: openLoss(options.loss, labels, classes, []),
	schedule: undefined as never,
	pause: async () => {},
};
let step = 0;
for await (const line of createInterface({ input: process.stdin })) {
	const times = Array.from({ length: Number(line) }, () => {
		const start = performance.now();
		const rateOf = () => ({ learningRate: 0.001 });
		const moment = { seed: 0, step: step++, rateOf };
		trainStep(trainer, { options }, { features, labels }, shape, moment);
		return performance.now() - start;
	});
	console.log(JSON.stringify({ times, peak: peakMegabytes() }));
}

/** Linux's own count of the most memory that the process has held. */
function peakMegabytes(): number {
	const status = readFileSync("/proc/self/status", "utf8");
	return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
