import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { LossChoice, TrainOptions } from "../../src/experiment/types.ts";
import { appendHead } from "../../src/model/edit.ts";
import type { Graph, Tensor, Weights } from "../../src/model/types.ts";
import { network } from "../../src/model/zoo/builder.ts";
import { fit } from "../../src/train/fit.ts";
import type {
	EpochEvent,
	FitEnd,
	FitInput,
	Rows,
	StepEvent,
} from "../../src/train/types.ts";

/** What golden/make_traces.py writes. */
export interface Trace {
	/** The loss by name; what is left out is as the schema's defaults are. */
	readonly options: Omit<Partial<TrainOptions>, "loss"> &
		Pick<
			TrainOptions,
			"optimizer" | "learning_rate" | "epochs" | "batch_size"
		> & {
			readonly loss: "cross_entropy" | "nll" | LossChoice;
		};
	readonly seed: number;
	readonly trainable: string[];
	readonly train: { features: number[]; labels: number[]; shape: number[] };
	readonly valid: { features: number[]; labels: number[]; shape: number[] };
	readonly start: Record<string, { shape: number[]; data: number[] }>;
	readonly losses: number[];
	readonly epochs: Pick<
		EpochEvent,
		"trainLoss" | "trainAccuracy" | "validLoss" | "validAccuracy"
	>[];
	readonly probabilities: number[];
	readonly end: Record<string, number[]>;
}

export function golden<T>(name: string): T {
	return JSON.parse(
		readFileSync(new URL(`golden/${name}.json`, import.meta.url), "utf8"),
	) as T;
}

export function rowsOf({ features, labels, shape }: Trace["train"]): Rows {
	return {
		features: Float32Array.from(features),
		labels: Int32Array.from(labels),
		shape,
	};
}

export function weightsOf(start: Trace["start"]): Weights {
	return new Map(
		Object.entries(start).map(([name, { shape, data }]): [string, Tensor] => [
			name,
			{ dtype: "float32", shape, data: Float32Array.from(data) },
		]),
	);
}

/** The schema's defaults of what a test leaves out. */
export function optionsOf(options: Trace["options"]): TrainOptions {
	const { loss } = options;
	return {
		schedule: { constant: { warmup_epochs: 0, warmup_start_factor: 0.01 } },
		log: "epoch",
		...options,
		loss:
			loss === "nll"
				? { nll: {} }
				: loss === "cross_entropy"
					? { cross_entropy: { label_smoothing: 0 } }
					: loss,
	};
}

export function inputOf(graph: Graph, trace: Trace): FitInput {
	const rows = rowsOf(trace.train);
	return {
		trainSuffix: graph,
		evalSuffix: graph,
		weights: weightsOf(trace.start),
		trainable: trace.trainable,
		options: optionsOf(trace.options),
		seed: trace.seed,
		trainRows: async () => rows,
		validRows: rowsOf(trace.valid),
	};
}

/** nn.Linear named "head". */
export function linearHead(inFeatures: number, classes: number): Graph {
	const net = network("head", ["n", inFeatures]);
	return net.finish(
		net.linear(net.input, "head", inFeatures, classes),
		classes,
	);
}

/** The head that `mlp: { hidden, dropout: 0.25 }` makes on vectors. */
export function mlpHead(
	inFeatures: number,
	hidden: number,
	classes: number,
): Graph {
	const features = {
		name: "x",
		dtype: "float32",
		shape: ["n", inFeatures],
	} as const;
	const edit = appendHead(
		{
			name: "trunk",
			nodes: [],
			inputs: [features],
			outputs: [features],
			initializers: [],
			opset: 17,
		},
		"x",
		{
			numClasses: classes,
			bias: true,
			mlp: { widths: [hidden], activation: "Relu", dropout: 0.25 },
			globalPool: "avg",
			featureShape: [inFeatures],
		},
	);
	assert.ok(edit.ok);
	return edit.value.graph;
}

/** torchvision's VGG classifier in small, with LogSoftmax behind it; layer names as in its Sequential. */
export function vggClassifier(): Graph {
	const net = network("classifier", ["n", 10]);
	let x = net.relu(net.linear(net.input, "0", 10, 9), "1");
	x = net.dropout(x, "2", 0.5);
	x = net.relu(net.linear(x, "3", 9, 8), "4");
	x = net.dropout(x, "5", 0.25);
	x = net.node("LogSoftmax", "7", [net.linear(x, "6", 8, 3)], { axis: 1 });
	return net.finish(x, 3);
}

export interface Outcome {
	readonly steps: StepEvent[];
	readonly epochs: EpochEvent[];
	readonly end: FitEnd | undefined;
}

/** Runs to the end. */
export async function collect(input: FitInput): Promise<Outcome> {
	const steps: StepEvent[] = [];
	const epochs: EpochEvent[] = [];
	let end: FitEnd | undefined;
	for await (const event of fit(input))
		if (event.type === "step") steps.push(event);
		else if (event.type === "epoch") epochs.push(event);
		else if (event.type === "end") end = event;
	return { steps, epochs, end };
}

/** Largest difference relative to the value, values below `floor` counted as `floor`. */
export function relativeError(
	actual: ArrayLike<number>,
	expected: ArrayLike<number>,
	floor = 1e-2,
): number {
	let largest = actual.length === expected.length ? 0 : Infinity;
	for (let index = 0; index < expected.length; index++) {
		const size = Math.max(Math.abs(expected[index]), floor);
		largest = Math.max(
			largest,
			Math.abs(actual[index] - expected[index]) / size,
		);
	}
	return largest;
}
