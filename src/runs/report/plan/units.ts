import type { WayStage } from "./read.ts";

/** Layers as people count them: a layer with weights and what follows it (BatchNorm, activation, pooling). */
export interface Unit {
	readonly stages: readonly WayStage[];
	readonly part: WayStage["part"];
	readonly isTrainable: boolean;
}

/** Layers of the same name's beginning: a block of the network. */
export interface Block {
	readonly label: string;
	readonly units: readonly Unit[];
	readonly isTrainable: boolean;
	readonly parameters: number;
	readonly shape: WayStage["output_shape"];
}

/** What stands for weights: everything else joins the unit before it. */
const WEIGHTY = /Conv|Gemm|MatMul|Attention/;
/** Above as many blocks they are told as one. */
const MOST_BLOCKS = 8;

/** Consecutive layers of one part as units. */
export function unitsOf(stages: readonly WayStage[]): readonly Unit[] {
	const units: { stages: WayStage[]; part: WayStage["part"] }[] = [];
	for (const stage of stages) {
		const last = units.at(-1);
		const joins =
			last !== undefined &&
			last.part === stage.part &&
			!WEIGHTY.test(stage.op) &&
			!(stage.trainable && !last.stages.some(({ trainable }) => trainable));
		if (joins) last.stages.push(stage);
		else units.push({ stages: [stage], part: stage.part });
	}
	return units.map((unit) => ({
		...unit,
		isTrainable: unit.stages.some(({ trainable }) => trainable),
	}));
}

/** Units by the beginning of their names; frozen and trained ones apart. */
export function blocksOf(units: readonly Unit[]): readonly Block[] {
	const groups: { key: string; units: Unit[] }[] = [];
	for (const unit of units) {
		const key = `${stemOf(unit)} ${unit.isTrainable}`;
		const last = groups.at(-1);
		if (last?.key === key) last.units.push(unit);
		else groups.push({ key, units: [unit] });
	}
	const isMany = groups.length > MOST_BLOCKS;
	const merged = isMany ? byTrainable(units) : groups.map((one) => one.units);
	return merged.map(blockOf);
}

function byTrainable(units: readonly Unit[]): readonly (readonly Unit[])[] {
	const groups: Unit[][] = [];
	for (const unit of units) {
		const last = groups.at(-1);
		if (last?.[0]?.isTrainable === unit.isTrainable) last.push(unit);
		else groups.push([unit]);
	}
	return groups;
}

/** "layer1" of layer1.0.conv1; names without a dot belong together. */
function stemOf({ stages }: Unit): string {
	const name = stages[0]?.name ?? "";
	return name.includes(".") ? (name.split(".")[0] ?? "") : "";
}

function blockOf(units: readonly Unit[]): Block {
	const stages = units.flatMap((unit) => unit.stages);
	return {
		label: rangeText(units.map((unit) => unit.stages[0]?.name ?? "")),
		units,
		isTrainable: units.some(({ isTrainable }) => isTrainable),
		parameters: stages.reduce((sum, { parameters }) => sum + parameters, 0),
		shape: stages.at(-1)?.output_shape ?? null,
	};
}

/** "_blocks.0 … 15", "layer1.0 … 1", "conv1 … maxpool". */
function rangeText(names: readonly string[]): string {
	const first = names[0] ?? "";
	const last = names.at(-1) ?? first;
	if (first === last) return first;
	const [a = [], b = []] = [first, last].map((name) => name.split("."));
	if (a.length < 2 || b.length < 2 || a[0] !== b[0])
		return `${first} … ${last}`;
	return a[1] === b[1] ? `${a[0]}.${a[1]}` : `${a[0]}.${a[1]} … ${b[1]}`;
}

/** Side of the activation map behind a unit: square root of its area, or of its number of tokens; 1 of a vector. */
export function sideOf({ stages }: Unit): number {
	const shape = stages[0]?.output_shape ?? [];
	const [tokens] = shape;
	const places = shape.length === 2 ? [tokens] : shape.slice(1);
	const area = places.reduce<number>(
		(product, n) => product * (Number(n) || 1),
		1,
	);
	return Math.sqrt(area);
}
