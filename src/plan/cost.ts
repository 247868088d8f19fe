import { sizeOf } from "../model/dtypes.ts";
import { phasePlans } from "./phases.ts";
import { suffixOf } from "./suffix.ts";
import type { DataFacts, Pipeline, Plan } from "./types.ts";

/**
 * What a plan will cost: arithmetic from FLOPs, bytes and the rates this machine reached before.
 * A first estimate on a new machine is rough; every extraction refines it (features/rates.ts).
 */
export interface Rates {
	/** CPU seconds to decode and transform one photo. */
	readonly secondsPerPhoto: number;
	/** Floating-point operations a second of one core in onnxruntime. */
	readonly flopsPerCore: number;
	readonly cores: number;
	/** Whether they were measured on this machine or are the defaults. */
	readonly measured: boolean;
}

/** A mid-range core of 2024, on float32 convolutions. */
export const DEFAULT_RATES = {
	secondsPerPhoto: 0.005,
	flopsPerCore: 4e10,
} as const;

/** What is left to do, and about how long it takes. */
export interface Cost {
	/** Photos that still have to pass the prefix, and those whose rows the cache holds; per pipeline, each photo once. */
	readonly toCompute: number;
	readonly cached: number;
	/** Multiply-adds times two of the prefix, one photo. */
	readonly prefixFlops: number;
	/** Bytes of all rows on disk. */
	readonly featureBytes: number;
	/** Wall seconds on all cores. */
	readonly featureSeconds: number;
	readonly trainSeconds: number;
}

/**
 * Of all phases together; rows that several of them read are computed once.
 * @param epochs of each phase
 * @param cached rows of a phase that the cache holds, by split
 * @param backend of tfjs that will train, where it is known
 */
export function costOfPhases(
	plan: Plan,
	data: DataFacts,
	epochs: readonly number[],
	cached: (phase: Plan) => Readonly<Record<string, number>>,
	rates: Rates,
	backend?: string,
): Cost {
	const seen = new Set<string>();
	const costs = phasePlans(plan).map((phase, index) => {
		const asked = epochs[index] ?? 0;
		const plain = costOf(phase, data, asked, cached(phase), rates);
		const slow = backend === "wasm" ? wasmEpochSeconds(phase, data) : undefined;
		const own =
			slow === undefined ? plain : { ...plain, trainSeconds: asked * slow };
		const { featureKey } = phase.train;
		const key = `${featureKey} ${phase.eval.featureKey}`;
		const isKnown = featureKey !== undefined && seen.has(key);
		seen.add(key);
		return isKnown
			? { ...own, toCompute: 0, cached: 0, featureBytes: 0, featureSeconds: 0 }
			: own;
	});
	return costs.reduce((sum, cost) => ({
		toCompute: sum.toCompute + cost.toCompute,
		cached: sum.cached + cost.cached,
		prefixFlops: Math.max(sum.prefixFlops, cost.prefixFlops),
		featureBytes: sum.featureBytes + cost.featureBytes,
		featureSeconds: sum.featureSeconds + cost.featureSeconds,
		trainSeconds: sum.trainSeconds + cost.trainSeconds,
	}));
}

/** @param cached rows that the cache holds, by split. */
function costOf(
	plan: Plan,
	data: DataFacts,
	epochs: number,
	cached: Readonly<Record<string, number>>,
	rates: Rates,
): Cost {
	const train = data.counts.train ?? 0;
	const rest = Object.entries(data.counts).reduce(
		(sum, [split, count]) => (split === "train" ? sum : sum + count),
		0,
	);
	const { featureKey, views } = plan.train;
	const kept = views ? Math.min(views.length, epochs) : featureKey ? 1 : 0;
	const passes = kept || epochs;
	const missingTrain = train * passes - (cached.train ?? 0);
	const missingRest = rest - ((cached.valid ?? 0) + (cached.test ?? 0));
	const prefixFlops = flopsBefore(plan.eval);
	const seconds = (pipeline: Pipeline, photos: number) =>
		(photos *
			(rates.secondsPerPhoto + flopsBefore(pipeline) / rates.flopsPerCore)) /
		rates.cores;
	const suffixFlops = plan.train.stages
		.slice(plan.train.live)
		.reduce((sum, stage) => sum + stage.flops, 0);
	return {
		toCompute: missingTrain + missingRest,
		cached: (cached.train ?? 0) + (cached.valid ?? 0) + (cached.test ?? 0),
		prefixFlops,
		featureBytes:
			rowBytes(plan.train) * train * kept + rowBytes(plan.eval) * rest,
		featureSeconds:
			seconds(plan.train, missingTrain) + seconds(plan.eval, missingRest),
		trainSeconds:
			epochs *
			train *
			(STEP_SECONDS_PER_PHOTO + (3 * suffixFlops) / TFJS_FLOPS),
	};
}

/** Seen with tfjs on wasm, batch 32: a step of a linear head takes about 1 ms whatever its size. */
const STEP_SECONDS_PER_PHOTO = 3e-5;
/** Seen with tfjs on wasm in a 512 cube (one thread). */
const TFJS_FLOPS = 1.5e10;

/**
 * Multiply-adds times two a second where convolutions train on wasm, on one thread, validation counted. Grouped: EfficientNet-Lite0
 * whole at 224 x 224, batches of 8, 16 photos and 16 valid ones, 23 s of CPU an epoch on an AMD EPYC.
 */
const WASM_FLOPS = { dense: 6e9, grouped: 2.1e9 };

/**
 * Seconds of an epoch whose convolutions train on wasm: forward, by the map and by the filter, and once over the valid photos.
 * @returns undefined where no convolution trains
 */
export function wasmEpochSeconds(
	plan: Plan,
	{ counts }: DataFacts,
): number | undefined {
	const { nodes } = suffixOf(plan, plan.train);
	const convolutions = nodes.filter(({ op }) => /^Conv/.test(op));
	if (plan.classical || convolutions.length === 0) return undefined;
	const isGrouped = convolutions.some(
		({ attributes }) => Number(attributes.group ?? 1) > 1,
	);
	const flops = plan.train.stages
		.slice(plan.train.live)
		.reduce((sum, stage) => sum + stage.flops, 0);
	return (
		(flops * (3 * (counts.train ?? 0) + (counts.valid ?? 0))) /
		(isGrouped ? WASM_FLOPS.grouped : WASM_FLOPS.dense)
	);
}

/** FLOPs of one photo on its way to the suffix. */
export function flopsBefore({ stages, live }: Pipeline): number {
	return stages.slice(0, live).reduce((sum, stage) => sum + stage.flops, 0);
}

function rowBytes({ featureShape, featureDtype }: Pipeline): number {
	return (featureDtype === "float16" ? 2 : 4) * sizeOf(featureShape);
}
