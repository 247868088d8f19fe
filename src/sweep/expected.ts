import { epochsOf } from "../experiment/phases.ts";
import { cachedCounts } from "../features/counts.ts";
import { readRates } from "../features/rates.ts";
import { type Cost, costOfPhases, type Rates } from "../plan/cost.ts";
import type { Plan } from "../plan/types.ts";
import type { PreparedTrial } from "./prepare-sweep.ts";
import type { Task } from "./types.ts";

/** How long tasks will take, as far as arithmetic tells; a first guess until a machine has extracted once. */

/** A process starts, reads its trials and opens what they need. */
const START_SECONDS = 1.5;
/** Predictions, head and report of one run are written. */
const RECORD_SECONDS = 0.05;

/** Seconds and bytes of the rows that a trial reads, and how much of them the cache holds. */
export interface Features {
	readonly seconds: number;
	readonly bytes: number;
	readonly cached: number;
	readonly toCompute: number;
}

/** What this machine knows: how fast it was, and which rows it has. */
export interface Known {
	readonly rates: Rates;
	/** Rows that are there, by split. */
	readonly cached: (
		trial: PreparedTrial,
	) => (plan: Plan) => Readonly<Record<string, number>>;
}

/** By the cache folder. */
export function knownIn(cacheFolder: string): Known {
	return {
		rates: readRates(cacheFolder),
		cached:
			({ prepared: { dataset } }) =>
			(plan) =>
				dataset === undefined ? {} : cachedCounts(cacheFolder, plan, dataset),
	};
}

/** Of the rows of one extraction; nothing is expected of photos that are not there. */
export function featuresIn(trial: PreparedTrial, known: Known): Features {
	const cost = costOfTrial(trial, known.rates, known.cached(trial));
	return {
		seconds: START_SECONDS + (cost?.featureSeconds ?? 0),
		bytes: cost?.featureBytes ?? 0,
		cached: cost?.cached ?? 0,
		toCompute: cost?.toCompute ?? 0,
	};
}

/** Of a trial on its own, once its rows are there; with random transforms, its photos in every epoch too. */
export function fitSeconds(trial: PreparedTrial, known: Known): number {
	const isDrawn = trial.prepared.plan.train.featureKey === undefined;
	const cached = isDrawn ? known.cached(trial) : NOTHING;
	const cost = costOfTrial(trial, known.rates, cached);
	if (cost === undefined) return START_SECONDS;
	const features = isDrawn ? cost.featureSeconds : 0;
	return START_SECONDS + RECORD_SECONDS + features + cost.trainSeconds;
}

/**
 * Of heads side by side: the steps of the longest, and a fifth of each head's own time, for the product of many is
 * faster than many products.
 */
export function stackSeconds(
	members: readonly PreparedTrial[],
	{ rates }: Known,
): number {
	const own = members.map(
		(member) => costOfTrial(member, rates, NOTHING)?.trainSeconds ?? 0,
	);
	const sum = own.reduce((total, seconds) => total + seconds, 0);
	return (
		START_SECONDS +
		members.length * RECORD_SECONDS +
		Math.max(...own) +
		SHARE_OF_STACKED * sum
	);
}

const SHARE_OF_STACKED = 0.2;

const NOTHING = () => ({});

function costOfTrial(
	{ prepared: { plan, data, loaded } }: PreparedTrial,
	rates: Rates,
	cached: ReturnType<Known["cached"]>,
): Cost | undefined {
	if (data === undefined) return undefined;
	const epochs = epochsOf(loaded.experiment);
	return costOfPhases(plan, data, epochs, cached, rates);
}

/**
 * Seconds until the last of the tasks ends on so many workers: each takes the first task whose own are done, in order.
 */
export function wallSeconds(tasks: readonly Task[], workers: number): number {
	const free = Array.from({ length: Math.max(1, workers) }, () => 0);
	const ends = new Map<string, number>();
	for (const { id, after, seconds } of tasks) {
		const worker = free.indexOf(Math.min(...free));
		const ready = Math.max(0, ...after.map((other) => ends.get(other) ?? 0));
		const end = Math.max(free[worker] as number, ready) + seconds;
		free[worker] = end;
		ends.set(id, end);
	}
	return Math.max(0, ...free);
}
