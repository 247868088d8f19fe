import { isAlike } from "./alike.ts";
import { percent, sizeSentence, trialSentence } from "./sentences.ts";
import type { Chosen, Measures, Trial } from "./types.ts";

/**
 * The note's rule, from measures alone.
 *
 *                  like the pretraining's      unlike them
 *   few photos     linear_probe                early_layer_svm
 *   many photos    fine_tune                   fine_tune; with very many retrain
 *
 * Of few photos the two heads have been tried, and a trial that is clearly better goes before the rule.
 */
export interface Ruled {
	readonly strategy: Chosen;
	/** Of early_layer_svm. */
	readonly depth?: number;
	readonly reasons: readonly string[];
}

/**
 * Photos a class from which on there are many. Measured with EfficientNet-Lite0 at 112 x 112, fine-tuned by AdamW: of pictures
 * unlike its own (sklearn's digits, 400 held out) over the best SVM on an earlier layer +3.7 points at 5 a class, +1.8 at 10,
 * +5.8 at 20, +2.2 (.962 against .940) at 50; of cats and dogs (64 held out) under a linear probe by 14 points at 5 a class and
 * 12.5 at 20. So it pays early where photos are unlike, and later than at 20 where they are alike.
 */
export const MANY = 50;

/**
 * Photos a class, and in all, from which on pretraining no longer helps pictures unlike its own: an order of magnitude below
 * ImageNet's. Not measured here: He, Girshick, Dollár 2019, "Rethinking ImageNet Pre-training"; Raghu et al. 2019, "Transfusion".
 */
export const VERY_MANY = { aClass: 1000, inAll: 100_000 };

/** A probe that tells so many right leaves fine-tuning nothing to win. */
export const NOTHING_TO_WIN = 0.99;

/** @returns the strategy and one sentence a step of the way. */
export function decideByRule(measures: Measures): Ruled {
	const { size, isMultiLabel, isRandom, trials, missing } = measures;
	const many = size.median >= MANY;
	const first = [sizeSentence(size, MANY)];
	if (isMultiLabel)
		return {
			strategy: many ? "fine_tune" : "linear_probe",
			reasons: [
				...first,
				"a photo may have several classes, and how well features separate classes is only measured of one class a photo: the number of photos decides",
			],
		};
	const alike = isAlike(measures);
	const said = [...first, ...alike.reasons, ...missing];
	const sure = (strategy: Chosen, why: string): Ruled => ({
		strategy,
		reasons: [...said, ...tried(trials), why],
	});
	if (isRandom && many)
		return sure(
			"retrain",
			"many photos, and weights that have learnt nothing: retrain",
		);
	if (many) return manyPhotos(measures, alike.isAlike, sure);
	const probe = trials.find(({ strategy }) => strategy === "linear_probe");
	const early = bestEarly(trials);
	if (probe === undefined || early === undefined)
		return sure(
			"linear_probe",
			"linear_probe: it learns the fewest numbers, and nothing says that another would do better",
		);
	if (isGuessing(measures, Math.max(probe.accuracy, early.accuracy)))
		return sure(
			"linear_probe",
			`no head tells more right than guessing the largest class would (${percent(size.most / size.photos)}): linear_probe, which risks least; look at the labels first, graft data check finds wrong ones`,
		);
	const rule = alike.isAlike ? probe : early;
	const other = alike.isAlike ? early : probe;
	const isOver = isClearlyBetter(other, rule, early);
	const chosen = isOver ? other : rule;
	const byRule = `few photos ${alike.isAlike ? "like" : "unlike"} the network's own: ${rule.strategy}`;
	const why = isOver
		? `${byRule} is the rule, but tried on them ${nameOf(other)} tells more right (${percent(other.accuracy)} against ${percent(rule.accuracy)}; alone right on ${onlyOf(other, early)} photos against ${onlyOf(rule, early)}): ${other.strategy}`
		: `${byRule}, and the trial does not speak against it`;
	return {
		strategy: chosen.strategy,
		...(chosen.strategy === "early_layer_svm" && { depth: chosen.depth }),
		reasons: [...said, ...tried(trials), why],
	};
}

function manyPhotos(
	{ size, trials }: Measures,
	alike: boolean,
	sure: (strategy: Chosen, why: string) => Ruled,
): Ruled {
	const probe = trials.find(({ strategy }) => strategy === "linear_probe");
	if (probe !== undefined && probe.accuracy >= NOTHING_TO_WIN)
		return sure(
			"linear_probe",
			`many photos, for which the rule is fine_tune, but a linear probe tells ${percent(probe.accuracy)} right already: fine-tuning has nothing to win`,
		);
	if (alike)
		return sure("fine_tune", "many photos like the network's own: fine_tune");
	const isVery =
		size.median >= VERY_MANY.aClass && size.photos >= VERY_MANY.inAll;
	return isVery
		? sure(
				"retrain",
				`many photos unlike the network's own, ${size.median} a class and more than ${VERY_MANY.inAll} in all: retrain`,
			)
		: sure(
				"fine_tune",
				`many photos unlike the network's own: fine_tune; for retrain there would have to be ${VERY_MANY.aClass} a class and ${VERY_MANY.inAll} in all`,
			);
}

/** Within two standard errors of the largest class's share. */
function isGuessing({ size, measured }: Measures, accuracy: number): boolean {
	const chance = size.most / size.photos;
	const error = Math.sqrt((chance * (1 - chance)) / Math.max(1, measured));
	return accuracy <= chance + 2 * error;
}

/** The earlier layer whose head tells most right; of equal ones the deeper. */
function bestEarly(trials: readonly Trial[]): Trial | undefined {
	return trials
		.filter(({ strategy }) => strategy === "early_layer_svm")
		.reduce<Trial | undefined>(
			(best, trial) =>
				best === undefined || trial.right > best.right ? trial : best,
			undefined,
		);
}

/** By more than one standard error of the difference between paired answers: sqrt(b + c) of the photos that one alone tells right (McNemar 1947). */
function isClearlyBetter(trial: Trial, than: Trial, early: Trial): boolean {
	const [b, c] = [onlyOf(trial, early), onlyOf(than, early)];
	return b - c > Math.sqrt(b + c);
}

/** Photos that this one of the two tells right and the other does not. */
function onlyOf({ strategy }: Trial, early: Trial): number {
	return strategy === "linear_probe" ? early.onlyProbe : early.onlyThis;
}

function nameOf({ head, depth, layer }: Trial): string {
	return depth === 1
		? `${head} on the last features`
		: `${head} at depth ${depth} (${layer})`;
}

function tried(trials: readonly Trial[]): readonly string[] {
	return trials.length === 0 ? [] : [trialSentence(trials)];
}
