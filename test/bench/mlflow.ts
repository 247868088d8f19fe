import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openProxy } from "../mlflow/proxy.ts";
import { startMlflow } from "../mlflow/server.ts";
import { experimentIn, tuxpaint } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { graft, median } from "./process.ts";

/** Pairs of runs. */
const PAIRS = Number(process.env.GRAFT_BENCH_PAIRS ?? 6);
/** ms that each answer of the server is held back. */
const DELAY = 500;

/**
 * What tracking costs: the same run with and without an MLflow server that answers in 500 ms, one after the other, in
 * turns of order. The server is real and shares the machine. Ratios are of the training phase, pair by pair; the wait
 * is what the whole command takes longer.
 */
export async function mlflow(): Promise<void> {
	const component = needs("mlflow");
	if (component.missing) {
		console.log(`left out; ${component.missing}`);
		return;
	}
	const folder = mkdtempSync(join(tmpdir(), "graft-bench-"));
	const server = await startMlflow(component.path);
	const proxy = await openProxy(server.uri, () => "pass", DELAY);
	try {
		const file = experimentIn(folder, EXPERIMENT);
		const measure = async (isTracked: boolean) => {
			const { seconds, stdout } = await graft(
				["run", file, "--format", "json"],
				{
					GRAFT_RUNS: join(folder, "runs"),
					GRAFT_CACHE: join(folder, "cache"),
					MLFLOW_TRACKING_URI: isTracked ? proxy.uri : "",
				},
			);
			const result = JSON.parse(stdout);
			return {
				train: result.seconds.train as number,
				whole: seconds,
				isComplete: result.mlflow?.complete as boolean | undefined,
			};
		};
		// Features into the cache, and the server warm.
		await measure(true);
		const pairs = [];
		for (let pair = 0; pair < PAIRS; pair++) {
			const first = await measure(pair % 2 === 0);
			const second = await measure(pair % 2 === 1);
			const [on, off] = pair % 2 === 0 ? [first, second] : [second, first];
			pairs.push({ on, off });
		}
		const ratios = pairs.map(({ on, off }) => on.train / off.train);
		const waits = pairs.map(({ on, off }) => on.whole - off.whole);
		const requests = (proxy.counts.pass ?? 0) / (PAIRS + 1);
		const whole = pairs.filter(({ on }) => on.isComplete).length;
		const off = median(pairs.map(({ off }) => off.train));
		console.log(`training phase without a server  ${off.toFixed(2)} s`);
		console.log(
			`with one that answers in ${DELAY} ms  ${spread(ratios, 3)} times`,
		);
		console.log(`the command takes longer by      ${spread(waits, 1)} s`);
		console.log(`requests a run                   ${requests.toFixed(0)}`);
		console.log(`everything had arrived           ${whole} of ${PAIRS} times`);
	} finally {
		await proxy.close();
		await server.remove();
		rmSync(folder, { recursive: true, force: true });
	}
}

const EXPERIMENT = `name: mlflow-bench
data: { root: ${tuxpaint} }
transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
train: { optimizer: sgd, learning_rate: 0.01, epochs: 400, batch_size: 16 }
`;

function spread(values: readonly number[], digits: number): string {
	const [low, high] = [Math.min(...values), Math.max(...values)];
	return `${median(values).toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}
