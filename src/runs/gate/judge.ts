import type { GateOptions } from "../../experiment/types.ts";
import { testDrop } from "./noise.ts";
import type {
	Check,
	Flip,
	GateResults,
	PhotoResult,
	Verdict,
} from "./types.ts";

/** Baseline and today's results → what holds and what fell. Pure. */

/** What of the `gate` section is judged by. */
export type GateRules = Pick<
	GateOptions,
	"allowed_drop" | "significance" | "floor" | "class_floor"
>;

interface Pair {
	readonly before: PhotoResult;
	readonly after: PhotoResult;
}

/** The photos that both have are compared one by one; floors look at today's results alone. */
export function judge(
	baseline: GateResults,
	current: GateResults,
	rules: GateRules,
): Verdict {
	const pairs = pairPhotos(baseline, current);
	const checks = [
		...(pairs.length > 0
			? [accuracyCheck(pairs, baseline, current, rules)]
			: []),
		...photosCheck(pairs, baseline, current),
		...floorChecks(current, rules, baseline),
		...classChecks(current, rules, baseline),
	];
	const failed = checks.some(({ status }) => status === "fail");
	return {
		status: failed ? "fail" : "pass",
		checks,
		flipped: flips(pairs, (before, after) => before > 0.5 && after < 0.5),
		mended: flips(pairs, (before, after) => before < 0.5 && after > 0.5),
	};
}

/**
 * By content and class: a photo that was moved is the same, a photo that was relabelled is another. Copies of one photo
 * are paired one by one.
 */
function pairPhotos(before: GateResults, after: GateResults): readonly Pair[] {
	const key = ({ id, label }: PhotoResult) => `${id} ${label}`;
	const old = new Map<string, PhotoResult[]>();
	for (const photo of before.photos)
		old.set(key(photo), [...(old.get(key(photo)) ?? []), photo]);
	return after.photos.flatMap((photo) => {
		const match = old.get(key(photo))?.shift();
		return match === undefined ? [] : [{ before: match, after: photo }];
	});
}

function accuracyCheck(
	pairs: readonly Pair[],
	baseline: GateResults,
	current: GateResults,
	{ allowed_drop, significance }: GateRules,
): Check {
	const seedsBefore = baseline.seeds.length;
	const seedsAfter = current.seeds.length;
	const accuraciesBefore = accuracies(pairs.map(({ before }) => before));
	const accuraciesAfter = accuracies(pairs.map(({ after }) => after));
	const { drop, pValue, test } = testDrop(
		{
			before: pairs.map(({ before }) => rightCount(before)),
			after: pairs.map(({ after }) => rightCount(after)),
			...{ seedsBefore, seedsAfter, accuraciesBefore, accuraciesAfter },
		},
		allowed_drop,
	);
	const fell = drop > allowed_drop && pValue < significance;
	const isMultiLabel = current.seeds.some(({ metrics }) =>
		Object.hasOwn(metrics, "valid/subset_accuracy"),
	);
	return {
		// Of several labels a photo counts as right where each is.
		name: isMultiLabel ? "valid/subset_accuracy" : "valid/accuracy",
		baseline: mean(accuraciesBefore),
		current: mean(accuraciesAfter),
		allowed: allowed_drop,
		pValue,
		status: fell ? "fail" : "pass",
		says: accuracyWords(drop, pValue, significance, test, pairs.length),
	};
}

function accuracyWords(
	drop: number,
	pValue: number,
	significance: number,
	test: "mcnemar" | "seeds",
	photos: number,
): string {
	const against =
		test === "mcnemar"
			? `McNemar's test on the same ${photos} photos; with one seed the noise of seeds is not seen`
			: `the same ${photos} photos, against the noise of the seeds`;
	// Means of accuracies that are equal may differ in their last bit.
	if (drop < 1e-9) return `did not fall (${against})`;
	const size = `fell by ${points(drop)}`;
	return pValue < significance
		? `${size}, more than noise: p = ${short(pValue)} (${against})`
		: `${size}, within noise: p = ${short(pValue)} (${against})`;
}

function photosCheck(
	pairs: readonly Pair[],
	baseline: GateResults,
	current: GateResults,
): readonly Check[] {
	const gone = baseline.photos.length - pairs.length;
	const fresh = current.photos.length - pairs.length;
	if (gone === 0 && fresh === 0) return [];
	return [
		{
			name: "photos",
			baseline: baseline.photos.length,
			current: current.photos.length,
			allowed: undefined,
			pValue: undefined,
			status: pairs.length === 0 ? "fail" : "note",
			says:
				pairs.length === 0
					? "no valid photo is the same as in the baseline: nothing can be compared; if that is meant, make a new one: graft gate FILE --update --reason TEXT"
					: `only the photos of both are compared, ${pairs.length}; gone or relabelled: ${gone}, new: ${fresh}`,
		},
	];
}

function floorChecks(
	current: GateResults,
	{ floor }: GateRules,
	baseline: GateResults,
): readonly Check[] {
	const floors =
		typeof floor === "number" ? { "valid/accuracy": floor } : (floor ?? {});
	return Object.entries(floors).map(([metric, least]) => {
		const value = meanMetric(current, metric);
		const holds = value !== undefined && value >= least;
		return {
			name: `floor ${metric}`,
			baseline: meanMetric(baseline, metric),
			current: value,
			allowed: least,
			pValue: undefined,
			status: holds ? "pass" : "fail",
			says:
				value === undefined
					? `the runs have no metric ${metric}`
					: `${short(value)} is ${holds ? "not " : ""}below the floor of ${least}`,
		};
	});
}

function classChecks(
	current: GateResults,
	{ class_floor }: GateRules,
	baseline: GateResults,
): readonly Check[] {
	if (class_floor === undefined) return [];
	const floors =
		typeof class_floor === "number"
			? current.classNames.map((name) => [name, class_floor] as const)
			: Object.entries(class_floor);
	return floors.map(([name, least]) => {
		const value = classAccuracy(current, name);
		const holds = value !== undefined && value >= least;
		return {
			name: `floor ${name}`,
			baseline: classAccuracy(baseline, name),
			current: value,
			allowed: least,
			pValue: undefined,
			status: holds ? "pass" : "fail",
			says:
				value === undefined
					? `there is no valid photo of ${name}`
					: `${percent(value)} of the photos of ${name} are right, ${holds ? "not " : ""}below the floor of ${percent(least)}`,
		};
	});
}

function flips(
	pairs: readonly Pair[],
	changed: (before: number, after: number) => boolean,
): readonly Flip[] {
	return pairs
		.map(({ before, after }) => ({
			path: after.path,
			label: after.label,
			before: share(before),
			after: share(after),
		}))
		.filter((flip) => changed(flip.before, flip.after));
}

function accuracies(photos: readonly PhotoResult[]): readonly number[] {
	const seeds = photos[0]?.right.length ?? 0;
	return Array.from({ length: seeds }, (_, seed) =>
		mean(photos.map(({ right }) => (right[seed] === "1" ? 1 : 0))),
	);
}

function classAccuracy(
	{ photos }: GateResults,
	name: string,
): number | undefined {
	const own = photos.filter(({ label }) => label === name);
	return own.length === 0 ? undefined : mean(own.map(share));
}

function meanMetric(
	{ seeds }: GateResults,
	metric: string,
): number | undefined {
	const values = seeds.map(({ metrics }) =>
		Object.hasOwn(metrics, metric) ? metrics[metric] : undefined,
	);
	const known = values.filter((value) => value !== undefined);
	return known.length < seeds.length || known.length === 0
		? undefined
		: mean(known);
}

function rightCount({ right }: PhotoResult): number {
	return right.split("1").length - 1;
}

function share(photo: PhotoResult): number {
	return rightCount(photo) / photo.right.length;
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** 0.0123 → "1.23 points". */
export function points(share: number): string {
	return `${(100 * share).toFixed(2)} points`;
}

function percent(share: number): string {
	return `${Number((100 * share).toFixed(2))} %`;
}

function short(value: number): string {
	return String(Number(value.toPrecision(3)));
}
