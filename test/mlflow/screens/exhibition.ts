import { spawn } from "node:child_process";
import { join } from "node:path";
import {
	envFor,
	experimentIn,
	graft,
	root,
	tuxpaint,
} from "../../support/graft.ts";

/** Real runs in a real MLflow, as `graft mlflow` shows them. */
export interface Exhibition {
	/** What `graft mlflow` printed, in its order. */
	readonly charts: readonly string[];
	readonly compare: readonly string[];
	/** All that it printed on stdout. */
	readonly printed: string;
	/** Ctrl-C; the exit code. */
	readonly stop: () => Promise<number | null>;
}

/** Two runs of one experiment that differ in their learning rate, of a known name and note. */
const FILE = `name: tuxpaint
description: Which learning rate for **drawn** photos?
data: { root: ${tuxpaint} }
transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
train: { optimizer: sgd, learning_rate: 0.01, epochs: 5, batch_size: 16 }
`;

const SWEEP = `${FILE.replace("name: tuxpaint", "name: tuxpaint-sweep")}sweep:
  grid: { train.learning_rate: [0.1, 0.01, 0.001], train.optimizer: [sgd, adam] }
`;

/** Trains, then starts MLflow on a port of its own. @throws Error with what a command said when it failed */
export async function exhibit(
	folder: string,
	python: string,
	hasSweep: boolean,
): Promise<Exhibition> {
	const { MLFLOW_TRACKING_URI: _, ...rest } = envFor(folder);
	const env = { ...rest, GRAFT_MLFLOW_PYTHON: python };
	const file = experimentIn(folder, FILE, "tuxpaint.yaml");
	await must(["run", file], env);
	await must(["run", file, "--set", "train.learning_rate=0.1"], env);
	if (hasSweep)
		await must(["run", experimentIn(folder, SWEEP, "sweep.yaml")], env);
	return openMlflow(env);
}

async function must(args: readonly string[], env: NodeJS.ProcessEnv) {
	const { code, stderr } = await graft(args, env);
	if (code !== 0) throw new Error(`graft ${args.join(" ")}: ${stderr}`);
}

function openMlflow(env: NodeJS.ProcessEnv): Promise<Exhibition> {
	const child = spawn(
		process.execPath,
		[join("src", "graft.cjs"), "mlflow", "--port", "0"],
		{ cwd: root, env, stdio: ["ignore", "pipe", "pipe"] },
	);
	const ended = new Promise<number | null>((resolve) =>
		child.once("close", resolve),
	);
	let printed = "";
	let talk = "";
	return new Promise((resolve, reject) => {
		const look = () => {
			// Two pipes: the links may arrive after what is said behind them.
			if (!talk.includes("Ctrl-C stops it") || !printed.endsWith("\n")) return;
			const called = (name: string) =>
				[...printed.matchAll(/^(\w+) +(http\S+)$/gm)]
					.filter(([, word]) => word === name)
					.map(([, , url]) => url as string);
			resolve({
				charts: called("charts"),
				compare: called("compare"),
				printed,
				stop: () => {
					child.kill("SIGINT");
					return ended;
				},
			});
		};
		child.stdout.on("data", (data: Buffer) => {
			printed += data;
			look();
		});
		child.stderr.on("data", (data: Buffer) => {
			talk += data;
			look();
		});
		ended.then((code) =>
			reject(new Error(`graft mlflow ended with ${code}: ${talk}`)),
		);
	});
}
