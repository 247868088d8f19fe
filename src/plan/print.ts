import { bytes, count, duration, grouped, printable, table } from "../text.ts";
import { describeClassical } from "./classical.ts";
import type { Cost, Rates } from "./cost.ts";
import { groupLines } from "./group-lines.ts";
import type { ParameterGroup } from "./groups.ts";
import { engine, keptLines, prefixWhen } from "./kept-lines.ts";
import { phasePlans } from "./phases.ts";
import { depthLines, strategyLines } from "./strategy-lines.ts";
import type { DataFacts, Pipeline, Plan, Stage } from "./types.ts";

/** A plan for people: what `graft plan` prints. Pure, golden-tested. */
export interface PrintInput {
	readonly name: string;
	readonly file: string;
	readonly description: string | undefined;
	readonly backbone: string;
	readonly plan: Plan;
	readonly data: DataFacts | undefined;
	readonly cost: Cost | undefined;
	readonly rates: Rates;
	/** Of the whole run; of several phases, what they have in common. */
	readonly training: TrainingLines;
	/** Of each phase, in order; undefined where training has but one go. */
	readonly phases?: readonly TrainingLines[];
	/** What is expected to run the two halves; undefined: not said, as where a plan must not depend on the machine. */
	readonly engines?: Engines;
	/** Every layer on a line of its own. */
	readonly layers: boolean;
}

/** Who computes what. */
export interface Engines {
	/** onnxruntime's execution provider; undefined where tfjs runs the prefix too. */
	readonly onnxruntime: string | undefined;
	/** tfjs's backend; undefined where nothing is trained in steps. */
	readonly tfjs: string | undefined;
}

/** What is said of a go of training. */
export interface TrainingLines {
	readonly loss: string;
	readonly optimizer: string;
	readonly learningRate: number;
	/** Name and rates; undefined where the learning rate never changes. */
	readonly schedule: string | undefined;
	/** The schedule drawn, a line each. */
	readonly picture: readonly string[];
	/** Undefined: all parameters share one rate. */
	readonly groups?: readonly ParameterGroup[];
	/** Clipping and early stopping, in words. */
	readonly more: readonly string[];
	/** Learning rate of the first step of each epoch; empty where it depends on what is measured. */
	readonly rates: readonly number[];
	readonly epochs: number;
	readonly batchSize: number;
}

/** The text, ending with a newline. */
export function printPlan(input: PrintInput): string {
	const { name, description, plan, data, training } = input;
	const lines = [
		printable(`${name}${description === undefined ? "" : `: ${description}`}`),
		"",
	];
	lines.push(...photoLines(data), ...strategyLines(plan), "");
	const goes = phasePlans(plan);
	let shown = "";
	goes.forEach((phase, index) => {
		if (phase.name !== undefined)
			lines.push(
				`── phase ${index + 1} of ${goes.length}: ${printable(phase.name)}`,
			);
		const stages = bothPipelines(phase, input);
		const isSame = stages.join("\n") === shown;
		shown = stages.join("\n");
		lines.push(...(isSame ? [`stages as in phase ${index}`] : stages));
		lines.push("", ...parameterLines(phase));
		lines.push(
			...(plan.classical === undefined
				? trainingLines(input.phases?.[index] ?? training, phase, input.layers)
				: [`head        ${describeClassical(plan.classical)}`]),
		);
		if (phase.name !== undefined) lines.push("");
	});
	lines.push(...depthLines(plan));
	if (input.engines) lines.push(engineLine(input.engines));
	lines.push(...costLines(input));
	return `${lines.join("\n")}\n`;
}

function bothPipelines(plan: Plan, input: PrintInput): readonly string[] {
	const same =
		plan.train.cut === plan.eval.cut &&
		plan.train.featureKey === plan.eval.featureKey &&
		plan.train.live === plan.eval.live &&
		sameTransforms(plan);
	if (same) return pipelineLines("train and eval", plan.train, input);
	return [
		...pipelineLines("train", plan.train, input),
		"",
		...pipelineLines("eval", plan.eval, input),
	];
}

function trainingLines(
	training: TrainingLines,
	plan: Plan,
	all: boolean,
): string[] {
	const { loss, optimizer, learningRate, epochs, batchSize } = training;
	return [
		`training    ${loss}, ${optimizer}, learning rate ${learningRate}, ${count(epochs, "epoch")} of batches of ${batchSize}`,
		...(training.schedule === undefined
			? []
			: [`schedule    ${training.schedule}`]),
		...training.picture.map((line) => `            ${line}`.trimEnd()),
		...training.more.map((line) => `            ${line}`),
		...(training.groups ? groupLines(training.groups, plan, all) : []),
	];
}

/** `engines     onnxruntime on cpu before the cut, tfjs on wasm after it`. */
function engineLine({ onnxruntime, tfjs }: Engines): string {
	if (onnxruntime === undefined)
		return `engines     tfjs on ${tfjs} before and after the cut`;
	const after = tfjs === undefined ? "" : `, tfjs on ${tfjs} after it`;
	return `engines     onnxruntime on ${onnxruntime} before the cut${after}`;
}

function sameTransforms({ train, eval: evaluation }: Plan): boolean {
	return (
		JSON.stringify(train.transforms) === JSON.stringify(evaluation.transforms)
	);
}

/** `photos      104 train, 43 valid; 3 classes (cat, dog, mouse)`. */
export function photoLines(data: DataFacts | undefined): string[] {
	if (data === undefined)
		return ["photos      not there yet; two classes are assumed"];
	const splits = Object.entries(data.counts).map(
		([split, photos]) => `${photos} ${split}`,
	);
	const names = printable(data.classNames.slice(0, 8).join(", "));
	const more = data.classNames.length > 8 ? ", …" : "";
	return [
		`photos      ${splits.join(", ")}; ${count(data.classNames.length, "class", "classes")} (${names}${more})`,
	];
}

function pipelineLines(
	title: string,
	pipeline: Pipeline,
	{ layers, plan: { classical } }: PrintInput,
): string[] {
	const { stages, cut, live } = pipeline;
	const parts = [
		{
			name: "prefix",
			when: prefixWhen(pipeline),
			stages: stages.slice(0, cut),
		},
		{
			name: "live",
			when: `every epoch (${engine(pipeline)})`,
			stages: stages.slice(cut, live),
		},
		{
			name: "suffix",
			when: classical ? "fitted at once" : "every step (tfjs)",
			stages: stages.slice(live),
		},
	].filter((part) => part.stages.length > 0);
	const rows = parts.map((part) =>
		(layers ? part.stages.map((stage) => [stage]) : collapse(part.stages)).map(
			stageCells,
		),
	);
	const lines = table(
		[
			["stage", "output", "type", "parameters", "MFLOPs", "state"],
			...rows.flat(),
		],
		["left", "left", "left", "right", "right", "left"],
	);
	const printed = [title, `  ${lines[0]}`];
	let next = 1;
	parts.forEach((part, index) => {
		printed.push(`  ── ${part.name}: ${part.when}`);
		for (const _ of rows[index] ?? []) printed.push(`  ${lines[next++]}`);
	});
	return [...printed, `  cut: ${pipeline.cutReason}`];
}

/** Neighbouring layers of one top-level module and one state share a line. */
function collapse(stages: readonly Stage[]): readonly (readonly Stage[])[] {
	const groups: Stage[][] = [];
	for (const stage of stages) {
		const group = groups.at(-1);
		if (
			group !== undefined &&
			group[0] !== undefined &&
			together(group[0], stage)
		)
			group.push(stage);
		else groups.push([stage]);
	}
	return groups;
}

function together(a: Stage, b: Stage): boolean {
	return (
		a.kind === "layer" &&
		b.kind === "layer" &&
		a.isTrainable === b.isTrainable &&
		a.isRandom === b.isRandom &&
		!a.isTrainable
	);
}

function stageCells(group: readonly Stage[]): string[] {
	const first = group[0] as Stage;
	const last = group.at(-1) as Stage;
	const parameters = group.reduce((sum, stage) => sum + stage.parameters, 0);
	const flops = group.reduce((sum, stage) => sum + stage.flops, 0);
	return [
		group.length === 1
			? label(first)
			: `${first.name} … ${last.name} (${group.length} layers)`,
		last.outputShape === undefined ? "?" : last.outputShape.join(" x "),
		last.dtype,
		parameters === 0 ? "" : grouped(parameters),
		flops === 0 ? "" : (flops / 1e6).toFixed(flops < 1e7 ? 2 : 0),
		stateOf(first, parameters),
	];
}

function label(stage: Stage): string {
	if (stage.kind !== "layer") return stage.name;
	const ops = stage.op.split("+");
	const first = ops.slice(0, MOST_OPS).join("+");
	const rest = ops.length - MOST_OPS;
	return `${stage.name} (${first}${rest > 0 ? ` and ${rest} more` : ""})`;
}

/** Operators of a layer that a line has room for. */
const MOST_OPS = 3;

function stateOf(stage: Stage, parameters: number): string {
	const states = [];
	if (stage.isTrainable) states.push("trainable");
	else if (parameters > 0) states.push("frozen");
	if (stage.isRandom) states.push("random");
	return states.join(", ");
}

function parameterLines({ train, trainable }: Plan): string[] {
	const total = train.stages.reduce((sum, stage) => sum + stage.parameters, 0);
	const learning = train.stages.reduce(
		(sum, stage) => (stage.isTrainable ? sum + stage.parameters : sum),
		0,
	);
	return [
		`parameters  ${grouped(total)}, of which ${grouped(learning)} learn (${namesText(trainable)})`,
	];
}

/** Names that a line has room for. */
const MOST_NAMES = 6;

function namesText(names: readonly string[]): string {
	return names.length <= MOST_NAMES
		? names.join(", ")
		: `${names.length} tensors: ${names[0]} … ${names.at(-1)}`;
}

function costLines({ cost, rates, plan }: PrintInput): string[] {
	if (cost === undefined) return [];
	const live =
		plan.train.featureKey === undefined && plan.train.views === undefined
			? "train photos are drawn anew every epoch, batch by batch in training"
			: `cache holds ${cost.cached} of ${cost.cached + cost.toCompute} rows`;
	const basis = rates.measured
		? "by this machine's earlier runs"
		: "a first guess for this machine";
	return [
		...keptLines(plan),
		`features    ${live}; ${cost.toCompute} to compute, ${bytes(cost.featureBytes)} on disk, ${(cost.prefixFlops / 1e9).toFixed(2)} GFLOPs a photo`,
		`time        about ${duration(cost.featureSeconds)} for features, ${duration(cost.trainSeconds)} for training (${basis})`,
	];
}
