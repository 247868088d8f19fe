import type { Dataset, Sample } from "../data/types.ts";
import { ok, type Result } from "../diagnostic.ts";
import type { LabelledRows } from "../features/rows.ts";
import type { Json } from "../fingerprint.ts";
import { type Prepared, type Shared, sharing } from "../prepare.ts";
import { softmaxOf } from "../train/classical/probabilities.ts";
import { featuresOf } from "../train/classical/space.ts";
import { decisionKey, keepDecision, readDecision } from "./decision-cache.ts";
import { logMe } from "./log-me.ts";
import { type LookOptions, look } from "./look.ts";
import { neighbourAccuracy } from "./neighbours.ts";
import { ownClasses } from "./own-classes.ts";
import { classifierPlace, depthPlaces } from "./places.ts";
import { decideByRule, MANY } from "./rule.ts";
import { sampleOf } from "./sample.ts";
import { toldShare } from "./told-share.ts";
import { tryHeads } from "./trials.ts";
import type { Decision, Measures, Size } from "./types.ts";

/**
 * `strategy: auto`: looks at the training photos through the network and decides. The valid and test photos stay shut.
 *
 *   training photos (a sample) ─ one pass ─┬─ features at five depths ─ LogME, neighbours, heads on held-out folds ─┐
 *                                          └─ own classifier ─ LEEP beyond chance ─────────────────────────────────┼─ rule
 *                                                                                     photos a class ──────────────┘
 *
 * The same photos, network and seed give the same decision; it is kept in the cache.
 */
export interface DecideOptions extends LookOptions {
	/** What begins now: "trying heads". */
	readonly onStep?: (step: string) => void;
	/** False: what was decided before is decided again. */
	readonly useCache?: boolean;
}

/**
 * @returns the decision, or what speaks against any of them.
 * @throws RunError "features-not-finite" and as Extractor.extract.
 */
export async function decideStrategy(
	prepared: Prepared,
	options: DecideOptions,
): Promise<Result<Decision>> {
	const { cacheFolder, useCache = true } = options;
	const key = decisionKey(prepared);
	const known = useCache ? readDecision(cacheFolder, key) : undefined;
	if (known !== undefined) return ok(known);
	const measured = await measure(prepared, options, sharing());
	if (!measured.ok) return measured;
	const decision = decisionOf(prepared, measured.value);
	keepDecision(cacheFolder, key, decision);
	return ok(decision);
}

/** From measures to a decision; what the file itself says of `model.features` stays. */
function decisionOf(
	{ loaded, backbone }: Prepared,
	measures: Measures,
): Decision {
	const { strategy, depth, reasons } = decideByRule(measures);
	const own = loaded.provenance.some(
		({ path, from }) =>
			/^model\.features($|\.)/.test(path) &&
			from !== "default" &&
			from !== "strategy",
	);
	const sets = [`strategy=${strategy}`];
	if (depth !== undefined && !own) sets.push(`model.features.depth=${depth}`);
	const stays =
		depth !== undefined && own
			? ["model.features stays what the file says"]
			: [];
	return {
		...{ strategy, sets, reasons: [...reasons, ...stays] },
		measures: {
			network: backbone.name,
			...measures,
			own: measures.own ?? null,
		} as unknown as Json,
	};
}

async function measure(
	prepared: Prepared,
	options: DecideOptions,
	shared: Shared,
): Promise<Result<Measures>> {
	const { dataset, loaded, backbone } = prepared;
	const { classNames, samples } = dataset as Dataset;
	const { experiment } = loaded;
	const train = samples.filter(({ split }) => split === "train");
	const size = sizeOf(train, classNames.length);
	const isMultiLabel = experiment.data.multi_label !== undefined;
	const nothing: Measures = {
		...{ size, isMultiLabel, measured: 0, depths: [], trials: [] },
		...{ own: undefined, missing: [] },
		isRandom: experiment.model.weights === "none",
	};
	if (isMultiLabel) return ok(nothing);
	if (size.most < 2 || size.classes < 2)
		return ok({
			...nothing,
			missing: [
				size.classes < 2
					? "with one class there is nothing to separate: likeness was not measured"
					: "with one photo a class nothing can be held out: likeness was not measured",
			],
		});
	const places = await depthPlaces(prepared, options, shared);
	if (!places.ok) return places;
	const deepest = places.value.at(-1)?.plan ?? prepared.plan;
	const classifier = classifierPlace(prepared, deepest);
	const wanted = [
		...places.value.map(({ plan }) => ({ ...plan.eval, graph: plan.graph })),
		...(classifier ? [classifier] : []),
	];
	const looked = await look(prepared, sampleOf(train), wanted, options);
	const depthRows = places.value.map((place, index) => ({
		depth: place.depth,
		layer: place.layer,
		rows: looked.rows[index] as LabelledRows,
	}));
	const n = looked.samples.length;
	const k = classNames.length;
	const { seed } = experiment;
	options.onStep?.("trying heads on held-out folds");
	const depths = depthRows.map(({ depth, layer, rows }) => {
		const { x, d } = featuresOf(rows);
		return {
			...{ depth, layer, features: d },
			logMe: logMe(x, n, d, rows.labels, k),
			neighbours: neighbourAccuracy(rows, k, seed),
		};
	});
	const last = looked.rows.at(-1) as LabelledRows;
	const own = classifier ? ownOf(last, k, seed) : undefined;
	const missing = own
		? []
		: nothing.isRandom
			? []
			: [
					`${backbone.name} has no classifier of its own that could be asked (LEEP): the layers alone say whether the photos are like its own`,
				];
	return ok({
		...{ ...nothing, measured: n, depths, own, missing },
		// Of many photos no earlier layer is a candidate.
		trials: tryHeads(
			size.median < MANY ? depthRows : depthRows.slice(-1),
			k,
			seed,
		),
	});
}

function ownOf(
	{ features, labels, shape }: LabelledRows,
	k: number,
	seed: number,
): Measures["own"] {
	const n = labels.length;
	const { x } = featuresOf({ features, shape });
	const p = isProbability(x, n) ? x : softmaxOf(x, n);
	return { ...ownClasses(p, n), ...toldShare(p, n, labels, k, seed) };
}

/** Some networks end in a Softmax. */
function isProbability(x: Float64Array, n: number): boolean {
	const k = x.length / n;
	for (let i = 0; i < n; i++) {
		const row = x.subarray(i * k, (i + 1) * k);
		const sum = row.reduce((total, value) => total + value, 0);
		if (Math.abs(sum - 1) > 1e-3 || row.some((value) => value < 0))
			return false;
	}
	return n > 0;
}

/** Of the classes that have training photos. */
function sizeOf(train: readonly Sample[], classes: number): Size {
	const counts = new Array<number>(classes).fill(0);
	for (const { label, labels = [label] } of train)
		for (const one of labels)
			if (one >= 0) counts[one] = (counts[one] ?? 0) + 1;
	const filled = counts.filter((count) => count > 0).sort((a, b) => a - b);
	return {
		photos: train.length,
		classes: filled.length,
		least: filled[0] ?? 0,
		median: filled[Math.floor((filled.length - 1) / 2)] ?? 0,
		most: filled.at(-1) ?? 0,
	};
}
