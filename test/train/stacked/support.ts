import assert from "node:assert/strict";
import type { TrainOptions } from "../../../src/experiment/types.ts";
import { appendHead } from "../../../src/model/edit.ts";
import { initialWeights } from "../../../src/model/init.ts";
import type { Graph } from "../../../src/model/types.ts";
import { network } from "../../../src/model/zoo/builder.ts";
import { parameterGroups } from "../../../src/plan/groups.ts";
import { fit } from "../../../src/train/fit.ts";
import { fitStacked } from "../../../src/train/stacked/fit-stacked.ts";
import type {
	FailedEvent,
	StackedInput,
	StackedMember,
} from "../../../src/train/stacked/types.ts";
import type {
	EpochEvent,
	FitEnd,
	FitEvent,
	Rows,
} from "../../../src/train/types.ts";
import { realRows } from "../classical/features.ts";
import { relativeError } from "../support.ts";

/** Features of the embedded photos: 104 to train on, 43 to measure on, 128 numbers each, five classes. */
export const rows = { train: realRows("train"), valid: realRows("valid") };
/** The same photos, 43 numbers each: a width that no vector unit likes. */
export const narrow = {
	train: realRows("train", { step: 3 }),
	valid: realRows("valid", { step: 3 }),
};

export const CLASSES = 5;

export const PLAIN: TrainOptions = {
	loss: { cross_entropy: { label_smoothing: 0 } },
	optimizer: {
		sgd: { momentum: 0, dampening: 0, nesterov: false, weight_decay: 0 },
	},
	learning_rate: 0.1,
	schedule: { constant: { warmup_epochs: 0, warmup_start_factor: 0.01 } },
	epochs: 6,
	batch_size: 16,
	log: "epoch",
};

/** What a head is made of. */
export interface Shape {
	readonly hidden?: readonly number[];
	/** Default: Relu. */
	readonly activation?: "Tanh" | "Sigmoid";
	readonly bias?: boolean;
	readonly logSoftmax?: boolean;
}

/** The head that a plan would append to vectors of this width. */
export function headOf(width: number, shape: Shape = {}): Graph {
	const net = network("trunk", ["n", width]);
	const trunk = net.finish(net.input, width);
	const edit = appendHead(trunk, net.input, {
		numClasses: CLASSES,
		bias: shape.bias ?? true,
		...(shape.hidden && {
			mlp: {
				widths: shape.hidden,
				activation: shape.activation ?? "Relu",
				dropout: 0,
			},
		}),
		globalPool: "avg",
		featureShape: [width],
	});
	assert.ok(edit.ok);
	const { graph, output } = edit.value;
	if (!shape.logSoftmax) return graph;
	const node = {
		name: "log",
		op: "LogSoftmax",
		domain: "",
		inputs: [output],
		outputs: ["log"],
		attributes: { axis: 1 },
		layer: "log",
	};
	return {
		...graph,
		nodes: [...graph.nodes, node],
		outputs: [{ name: "log", dtype: "float32", shape: ["n", CLASSES] }],
	};
}

export interface Wish extends Shape {
	readonly options?: Partial<TrainOptions>;
	readonly seed?: number;
	readonly onEpoch?: StackedMember["onEpoch"];
}

/** A member whose weights start as a run's with its seed. */
export function memberOf(id: string, wish: Wish, width = 128): StackedMember {
	const graph = headOf(width, wish);
	const trainable = graph.initializers.map(({ name }) => name);
	const seed = wish.seed ?? 0;
	const options = { ...PLAIN, ...wish.options };
	const groups = parameterGroups({ graph, trainable, added: [] }, options);
	return {
		id,
		trainSuffix: graph,
		evalSuffix: graph,
		weights: initialWeights(graph, trainable, seed),
		trainable,
		options,
		seed,
		...(groups && { groups }),
		...(wish.onEpoch && { onEpoch: wish.onEpoch }),
	};
}

/** All that one member's training said; steps aside unless they are logged. */
export interface Course {
	readonly epochs: readonly EpochEvent[];
	readonly steps: readonly number[];
	readonly end: FitEnd | undefined;
	readonly failed: FailedEvent["error"] | undefined;
}

function courseOf(events: readonly (FitEvent | FailedEvent)[]): Course {
	return {
		epochs: events.filter((event) => event.type === "epoch"),
		steps: events
			.filter((event) => event.type === "step")
			.map(({ loss }) => loss),
		end: events.find((event) => event.type === "end"),
		failed: events.find((event) => event.type === "failed")?.error,
	};
}

/** Member → its course in the stack. */
export async function together(
	members: readonly StackedMember[],
	{ train, valid }: { train: Rows; valid: Rows } = rows,
	more: Partial<StackedInput> = {},
): Promise<ReadonlyMap<string, Course>> {
	const events = new Map<string, (FitEvent | FailedEvent)[]>();
	const input = { members, trainRows: train, validRows: valid, ...more };
	for await (const { member, ...event } of fitStacked(input))
		events.set(member, [...(events.get(member) ?? []), event]);
	return new Map([...events].map(([id, list]) => [id, courseOf(list)]));
}

/** Its course where `fit` trains it alone. */
export async function alone(
	member: StackedMember,
	{ train, valid }: { train: Rows; valid: Rows } = rows,
	classNames: readonly string[] = [],
): Promise<Course> {
	const events: FitEvent[] = [];
	const trainRows = async () => train;
	for await (const event of fit({
		...member,
		trainRows,
		validRows: valid,
		classNames,
	}))
		events.push(event);
	return courseOf(events);
}

/** Largest relative difference in curves, weights and probabilities; infinite where one went on longer. */
export function difference(actual: Course, expected: Course): number {
	const curve = ({ epochs }: Course) =>
		epochs.flatMap((event) => [
			event.step,
			event.trainLoss,
			event.trainAccuracy,
			event.validLoss,
			event.validAccuracy,
			event.learningRate,
		]);
	const result = ({ end }: Course) => [
		...[end?.epoch ?? 0, end?.lastEpoch ?? 0],
		...(end?.validProbabilities ?? []),
		...(end?.validLosses ?? []),
		...[...(end?.trained.values() ?? [])].flatMap(({ data }) =>
			Array.from(data, Number),
		),
	];
	return Math.max(
		relativeError(curve(actual), curve(expected)),
		relativeError(result(actual), result(expected)),
	);
}
