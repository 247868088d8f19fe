import type { Json } from "../../fingerprint.ts";
import { environmentEntries } from "../format-values.ts";
import { testDrop } from "../gate/noise.ts";
import type { Prediction, RunRecord } from "../types.ts";
import { flatten } from "./flatten.ts";

/** What two runs have different, the most telling first. Plain data. */
export interface RunDiff {
	readonly a: string;
	readonly b: string;
	readonly metrics: readonly MetricDiff[];
	/** Values of the resolved experiment; undefined where one has none. */
	readonly config: readonly Difference<Json>[];
	readonly data: readonly Difference<string>[];
	readonly environment: readonly Difference<string>[];
	readonly photos: PhotosDiff | undefined;
}

/** One thing that is not the same in both. */
export interface Difference<T> {
	readonly key: string;
	readonly a: T | undefined;
	readonly b: T | undefined;
}

/** A metric's last value in each. */
export interface MetricDiff {
	readonly key: string;
	readonly a: number;
	readonly b: number;
}

/** The valid photos that both have measured, by their bytes. */
export interface PhotosDiff {
	readonly common: number;
	/** Photos that only one of the two has. */
	readonly onlyA: number;
	readonly onlyB: number;
	/** Wrong in a, right in b; the surest change first. */
	readonly won: readonly ChangedPhoto[];
	/** Right in a, wrong in b. */
	readonly lost: readonly ChangedPhoto[];
	/** McNemar's two-sided p-value, mid-p: the chance of flips this uneven where neither run is better. */
	readonly pValue: number;
}

/** A photo that changed sides. */
export interface ChangedPhoto {
	readonly path: string;
	/** Class names. */
	readonly label: string;
	readonly a: string;
	readonly b: string;
	/** Probability of the label in each, 0 … 1. */
	readonly shareA: number;
	readonly shareB: number;
}

/** A finished or unfinished run and its predictions. */
export interface Side {
	readonly record: RunRecord;
	readonly predictions: readonly Prediction[];
}

/** Compares two runs. Pure. */
export function diffRuns(a: Side, b: Side): RunDiff {
	return {
		a: a.record.runId,
		b: b.record.runId,
		metrics: metricsDiff(a.record, b.record),
		config: configDiff(a.record, b.record),
		data: differences(dataOf(a.record), dataOf(b.record)),
		environment: differences(environmentOf(a.record), environmentOf(b.record)),
		photos: photosDiff(a, b),
	};
}

/** What counts in the end comes first; of the rest, what moved most. */
const FIRST = [
	"test/accuracy",
	"valid/accuracy_tta",
	"valid/accuracy",
	"valid/map",
	"test/loss",
	"valid/loss",
];

function metricsDiff(a: RunRecord, b: RunRecord): readonly MetricDiff[] {
	const keys = Object.keys(a.finalMetrics).filter(
		(key) => key in b.finalMetrics && /^(train|valid|test)\//.test(key),
	);
	const all = keys.map((key) => ({
		key,
		a: a.finalMetrics[key] as number,
		b: b.finalMetrics[key] as number,
	}));
	const rank = ({ key }: MetricDiff) => {
		const place = FIRST.indexOf(key);
		return place === -1 ? FIRST.length : place;
	};
	const moved = (one: MetricDiff) =>
		Math.abs(one.b - one.a) / (Math.abs(one.a) + Math.abs(one.b) || 1);
	return all
		.filter((one) => one.a !== one.b || rank(one) < FIRST.length)
		.sort((x, y) => rank(x) - rank(y) || moved(y) - moved(x));
}

/** What decides the numbers before what decides names. */
const SECTIONS = ["model", "transforms", "train", "data", "seed", "evaluation"];

function configDiff(a: RunRecord, b: RunRecord): readonly Difference<Json>[] {
	const [left, right] = [a, b].map(({ experiment }) =>
		flatten(experiment as unknown as Json),
	) as [ReadonlyMap<string, Json>, ReadonlyMap<string, Json>];
	const rank = (key: string) => {
		const place = SECTIONS.indexOf(key.split(".")[0] ?? "");
		return place === -1 ? SECTIONS.length : place;
	};
	return differences(left, right).toSorted((x, y) => rank(x.key) - rank(y.key));
}

function differences<T>(
	a: ReadonlyMap<string, T>,
	b: ReadonlyMap<string, T>,
): readonly Difference<T>[] {
	return [...new Set([...a.keys(), ...b.keys()])]
		.map((key) => ({ key, a: a.get(key), b: b.get(key) }))
		.filter((one) => JSON.stringify(one.a) !== JSON.stringify(one.b));
}

function dataOf({ data, environment }: RunRecord): ReadonlyMap<string, string> {
	const counts = Object.entries(data?.counts ?? {}).map(
		([split, each]): [string, string] => [
			`photos in ${split}`,
			String(each.reduce((sum, photos) => sum + photos, 0)),
		],
	);
	return new Map([
		["classes", (data?.classNames ?? []).join(", ")],
		...counts,
		["left out", String(data?.corrupt.length ?? 0)],
		["photos' hash", environment?.dataFingerprint ?? ""],
		["weights' hash", environment?.weightsSha256 ?? ""],
	]);
}

/** Host and user stay out: they decide nothing. */
function environmentOf({
	environment,
}: RunRecord): ReadonlyMap<string, string> {
	if (environment === undefined) return new Map();
	const { packages } = environment;
	return new Map([
		...environmentEntries(environment).filter(
			([name]) =>
				!["packages", "host", "data hash", "weights hash"].includes(name),
		),
		...Object.entries(packages),
	]);
}

function photosDiff(a: Side, b: Side): PhotosDiff | undefined {
	const others = new Map(b.predictions.map((one) => [one.sha256, one]));
	const pairs = a.predictions.flatMap((one) => {
		const other = others.get(one.sha256);
		return other === undefined ? [] : [[one, other] as const];
	});
	if (pairs.length === 0 || pairs.some(([one]) => one.labels !== undefined))
		return undefined;
	const [namesA, namesB] = [a, b].map(
		({ record }) => record.data?.classNames ?? [],
	) as [readonly string[], readonly string[]];
	const isRight = ({ label, predicted }: Prediction) => label === predicted;
	const changed = pairs
		.filter(([one, other]) => isRight(one) !== isRight(other))
		.map(([one, other]) => ({
			isWon: isRight(other),
			path: other.path,
			label: namesA[one.label] ?? "",
			a: namesA[one.predicted] ?? "",
			b: namesB[other.predicted] ?? "",
			shareA: one.probabilities[one.label] ?? 0,
			shareB: other.probabilities[other.label] ?? 0,
		}))
		.sort(
			(x, y) => Math.abs(y.shareB - y.shareA) - Math.abs(x.shareB - x.shareA),
		);
	const [won, lost] = [true, false].map((isWon) =>
		changed.flatMap(({ isWon: is, ...photo }) => (is === isWon ? [photo] : [])),
	) as [ChangedPhoto[], ChangedPhoto[]];
	return {
		common: pairs.length,
		onlyA: a.predictions.length - pairs.length,
		onlyB: b.predictions.length - pairs.length,
		...{ won, lost },
		pValue: twoSided(
			pairs.map(([one, other]) => [isRight(one), isRight(other)]),
		),
	};
}

function twoSided(pairs: readonly (readonly [boolean, boolean])[]): number {
	const [before, after] = [0, 1].map((side) =>
		pairs.map((pair) => Number(pair[side])),
	) as [number[], number[]];
	const share = (rights: readonly number[]) => [
		rights.reduce((sum, one) => sum + one, 0) / rights.length,
	];
	const tail = (x: readonly number[], y: readonly number[]) =>
		testDrop(
			{
				...{ before: x, after: y, seedsBefore: 1, seedsAfter: 1 },
				accuraciesBefore: share(x),
				accuraciesAfter: share(y),
			},
			0,
		).pValue;
	return Math.min(1, 2 * Math.min(tail(before, after), tail(after, before)));
}
