import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { needs } from "../support/needs.ts";
import { median, root } from "./process.ts";

/** What is trained, on random numbers, with SGD and momentum, BatchNorm learning, no Dropout. */
const SUFFIXES = [
	{
		what: "vgg16 classifier on cached activations",
		...{ network: "vgg16", from: "flatten", shape: [25088] },
		...{ batch: 32, classes: 1000, steps: 3 },
	},
	{
		what: "resnet18 from layer4",
		...{ network: "resnet18", from: "layer3.1.relu_1", shape: [256, 14, 14] },
		...{ batch: 32, classes: 1000, steps: 6 },
	},
	{
		what: "mobilenet_v2 whole",
		...{ network: "mobilenet_v2", shape: [3, 224, 224] },
		...{ batch: 16, classes: 1000, steps: 2 },
	},
] as const;

const ROUNDS = 4;

/** A process that trains on when it is told to. */
interface Trainer {
	readonly steps: (
		count: number,
	) => Promise<{ times: readonly number[]; peak: number }>;
	readonly close: () => void;
}

/**
 * Milliseconds a step and the peak of memory of native TensorFlow against PyTorch float32, in its plain and its
 * channels-last layout, in turn; medians of all steps and of the rounds' ratios.
 */
export async function suffix(): Promise<void> {
	const torch = needs("torch");
	const native = needs("native");
	const missing = torch.missing ?? native.missing;
	if (missing) {
		console.log(`left out; ${missing}`);
		return;
	}
	for (const { what, steps, ...asked } of SUFFIXES) {
		const ours = open(
			process.execPath,
			["--import", "tsx", join(root, "test/bench/suffix-worker.ts")],
			asked,
			{ GRAFT_BACKEND: "node", GRAFT_NATIVE: native.path },
		);
		const script = join(root, "test/bench/peers/suffix.py");
		const trainers = [ours, open(torch.path, [script], asked)];
		if (asked.shape.length === 3)
			trainers.push(
				open(torch.path, [script], { ...asked, channels_last: true }),
			);
		for (const { steps } of trainers) await steps(2);
		const times = trainers.map((): number[] => []);
		const ratios: number[] = [];
		const peaks: number[] = [];
		for (let round = 0; round < ROUNDS; round++) {
			const medians: number[] = [];
			for (const [index, trainer] of trainers.entries()) {
				const took = await trainer.steps(steps);
				times[index]?.push(...took.times);
				medians.push(median(took.times));
				peaks[index] = took.peak;
			}
			const [own = 0, ...peers] = medians;
			ratios.push(own / Math.min(...peers));
		}
		for (const { close } of trainers) close();
		const names = ["Graft, native", "PyTorch", "PyTorch, channels last"];
		console.log(`${what}, batch ${asked.batch}`);
		trainers.forEach((_, index) => {
			const ms = median(times[index] ?? []);
			console.log(
				`  ${(names[index] ?? "").padEnd(24)}${ms.toFixed(0).padStart(6)} ms a step  ${(peaks[index] ?? 0).toFixed(0).padStart(6)} MB`,
			);
		});
		console.log(
			`  ${median(ratios).toFixed(2)} times PyTorch's better time (rounds: ${ratios.map((ratio) => ratio.toFixed(2)).join(" ")})`,
		);
	}
}

function open(
	program: string,
	args: readonly string[],
	asked: unknown,
	env: Readonly<Record<string, string>> = {},
): Trainer {
	const child: ChildProcess = spawn(program, [...args, JSON.stringify(asked)], {
		cwd: root,
		stdio: ["pipe", "pipe", "ignore"],
		env: { ...process.env, ...env },
	});
	const lines = createInterface({
		input: child.stdout as NodeJS.ReadableStream,
	});
	const answers = lines[Symbol.asyncIterator]();
	return {
		async steps(count) {
			child.stdin?.write(`${count}\n`);
			const { value, done } = await answers.next();
			if (done) throw new Error(`${program} ${args.join(" ")} ended`);
			return JSON.parse(value as string);
		},
		close: () => child.stdin?.end(),
	};
}
