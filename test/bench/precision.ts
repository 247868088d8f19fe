import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";
import { observe } from "../../src/features/calibrate.ts";
import {
	networkSize,
	shareWeights,
	thisMachine,
} from "../../src/features/prefix.ts";
import { initialWeights } from "../../src/model/init.ts";
import { fold, type Loaded } from "../../src/model/quantize/fold.ts";
import { quantize } from "../../src/model/quantize/quantize.ts";
import { zooEntry } from "../../src/model/zoo/zoo.ts";
import { needs } from "../support/needs.ts";
import type { ForwardData } from "./forward-worker.ts";
import { median, root } from "./process.ts";

/** The four networks of the README's table. */
const NETWORKS = ["vgg16", "resnet50", "mobilenet_v2", "efficientnet_lite0"];
const ROUNDS = 3;
const SECONDS = 3;

/** Something that says how many photos it computes a second. */
interface Runner {
	readonly name: string;
	readonly measure: (seconds: number) => Promise<number>;
}

/**
 * Photos a second through whole networks with random weights, float32 and int8, as extraction runs them (a thread a
 * core, photo by photo), against PyTorch float32 and bfloat16 (all cores, batches of 16, the better of its two memory
 * layouts). All in turn, three times; medians, and medians of the rounds' ratios.
 */
export async function precision(): Promise<void> {
	const torch = needs("torch");
	if (torch.missing) console.log(`PyTorch left out; ${torch.missing}`);
	for (const name of NETWORKS) {
		const loaded = networkOf(name);
		const ours = [
			await workersOf("float32", loaded),
			await workersOf("int8", await onBytes(loaded)),
		];
		const peer = torch.missing ? undefined : peerOf(torch.path, name);
		const runners = [...ours, ...(peer?.runners ?? [])];
		const rounds: Map<string, number>[] = [];
		for (let round = 0; round < ROUNDS; round++) {
			const rates = new Map<string, number>();
			for (const { name, measure } of runners)
				rates.set(name, await measure(SECONDS));
			rounds.push(rates);
		}
		for (const { close } of ours) await close();
		peer?.close();
		report(name, rounds, peer !== undefined);
	}
}

function report(
	network: string,
	rounds: readonly ReadonlyMap<string, number>[],
	hasPeer: boolean,
): void {
	const of = (rates: ReadonlyMap<string, number>, dtype: string) =>
		Math.max(
			...[...rates].flatMap(([name, rate]) =>
				name.startsWith(dtype) ? [rate] : [],
			),
		);
	const rate = (dtype: string) =>
		median(rounds.map((rates) => of(rates, dtype))).toFixed(1);
	const ratio = (a: string, b: string) =>
		median(rounds.map((rates) => of(rates, a) / of(rates, b))).toFixed(2);
	console.log(
		`${network.padEnd(18)}  Graft float32 ${rate("float32")}, int8 ${rate("int8")} photos/s (${ratio("int8", "float32")} times)`,
	);
	if (hasPeer)
		console.log(
			`${"".padEnd(18)}  PyTorch float32 ${rate("torch float32")}, bfloat16 ${rate("torch bfloat16")}; Graft float32 is ${ratio("float32", "torch float32")} times its float32, int8 ${ratio("int8", "torch bfloat16")} times its bfloat16`,
		);
}

function networkOf(name: string): Loaded {
	const entry = zooEntry(name);
	if (entry === undefined) throw new Error(`no network ${name}`);
	const graph = entry.build([224, 224]);
	const learnt = graph.initializers.filter(
		({ values }) => values === undefined,
	);
	const names = learnt.map(({ name }) => name);
	return { graph, weights: initialWeights(graph, names, 0, entry.init) };
}

async function onBytes(loaded: Loaded): Promise<Loaded> {
	const folded = fold(loaded);
	const photos = Float32Array.from({ length: 3 * 224 * 224 }, (_, at) =>
		Math.sin(at),
	);
	const seen = await observe(folded, {
		...{ photos, inputShape: [3, 224, 224], histograms: false },
		threads: thisMachine().cores,
	});
	return quantize(folded, seen);
}

async function workersOf(name: string, { graph, weights }: Loaded) {
	const output = graph.outputs[0]?.name ?? "";
	const size = networkSize(graph, output, thisMachine());
	if (size === undefined) throw new Error("no network");
	const data: ForwardData = {
		graph,
		weights: shareWeights(graph, weights),
		threads: size.threads,
	};
	const entry = new URL("./forward-worker.ts", import.meta.url).href;
	const tsx = import.meta.resolve("tsx/esm/api");
	const workers = Array.from(
		{ length: size.workers },
		() =>
			new Worker(
				`import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(entry)}); })`,
				{ eval: true, workerData: data },
			),
	);
	const answer = (worker: Worker) =>
		new Promise<number>((resolve, reject) => {
			worker.once("message", resolve);
			worker.once("error", reject);
		});
	await Promise.all(workers.map(answer));
	return {
		name,
		measure: async (seconds: number) => {
			const rates = workers.map((worker) => {
				worker.postMessage(seconds);
				return answer(worker);
			});
			return (await Promise.all(rates)).reduce((a, b) => a + b);
		},
		close: () =>
			Promise.all(
				workers.map((worker) => {
					worker.postMessage(0);
					return new Promise((resolve) => worker.once("exit", resolve));
				}),
			),
	};
}

/** One Python process, four ways to run the network. */
function peerOf(
	python: string,
	name: string,
): { readonly runners: readonly Runner[]; readonly close: () => void } {
	const { cores } = thisMachine();
	const script = join(root, "test", "bench", "peers", "forward.py");
	const child = spawn(python, [script, name, "--threads", String(cores)], {
		stdio: ["pipe", "pipe", "inherit"],
	});
	const lines = createInterface({ input: child.stdout })[
		Symbol.asyncIterator
	]();
	const runners = ["float32", "bfloat16"].flatMap((dtype) =>
		["contiguous", "channels_last"].map((layout) => ({
			name: `torch ${dtype} ${layout}`,
			measure: async (seconds: number) => {
				child.stdin.write(`${dtype} ${layout} ${seconds}\n`);
				const { value, done } = await lines.next();
				if (done) throw new Error("forward.py ended");
				return Number(value);
			},
		})),
	);
	return { runners, close: () => child.stdin.end() };
}
