import { RunError } from "../../diagnostic.ts";
import {
	type ClassicalHead,
	classicalName,
} from "../../experiment/classical-types.ts";
import { fitLinear } from "./fit-linear.ts";
import { decisionsOf, type LinearHead } from "./linear.ts";
import { openNearestMean } from "./nearest-mean.ts";
import { openNeighbours } from "./neighbours.ts";
import { argmaxOf, softmaxOf } from "./probabilities.ts";
import {
	featuresOf,
	openSpace,
	type Scaling,
	type SpaceOptions,
	scaled,
	scalingOf,
} from "./space.ts";
import { atOnce, type Steps } from "./steps.ts";
import type { Answers, ClassicalInput, FittedHead } from "./types.ts";

/**
 * Fits a head without epochs. The same input gives the same bytes.
 * @throws RunError "features-not-finite"; "one-class" where only one class has photos; "too-many-neighbours".
 */
export function fitHead(input: ClassicalInput): FittedHead {
	return atOnce(fitHeadSteps(input));
}

/** The same, with stops on the way. */
export function* fitHeadSteps({
	rows,
	numClasses,
	head,
	seed,
}: ClassicalInput): Steps<FittedHead> {
	const { x, n, d } = featuresOf(rows);
	checkPhotos(rows.labels, numClasses, head);
	const scaling = scalingOf(x, n, d, needsOf(head));
	const numbers = (features: Float32Array) =>
		featuresOf({ features, shape: rows.shape });
	if (!isLinear(head)) {
		const fitted = fitNear(
			scaled(x, d, scaling),
			d,
			rows.labels,
			numClasses,
			head,
		);
		return {
			...fitted,
			linear: fitted.linear && folded(fitted.linear, d, scaling),
			path: undefined,
			answer: (features) => {
				const asked = numbers(features);
				return fitted.answer(scaled(asked.x, d, scaling), asked.n);
			},
		};
	}
	const space = openSpace(x, n, d, scaling, spaceOptions(head));
	const { fit, path } = yield* fitLinear(
		space.z,
		space.r,
		rows.labels,
		numClasses,
		head,
		seed,
	);
	const linear = space.toFeatures(fit.weight, fit.bias);
	return {
		linear,
		means: undefined,
		path,
		answer: (features) => {
			const asked = numbers(features);
			return answersOf(decisionsOf(linear, asked.x, asked.n, d), asked.n);
		},
	};
}

/** Whether its decisions are found by solving for weights. */
export function isLinear(head: ClassicalHead): head is LinearHead {
	return "logistic" in head || "svm" in head || "ridge" in head;
}

/** How its features are moved; a free bias makes the shift a matter of rounding alone. */
export function needsOf(head: ClassicalHead): {
	readonly standardize: boolean;
	readonly centre: boolean;
} {
	const { standardize } = Object.values(head)[0] as { standardize: boolean };
	return { standardize, centre: "logistic" in head || "ridge" in head };
}

/** Ridge finds axes itself, for every set of photos. */
export function spaceOptions(head: LinearHead): SpaceOptions {
	return { withOne: "svm" in head, rotate: !("ridge" in head) };
}

/** Softmax of the decisions, and the class of the largest. */
export function answersOf(decisions: Float64Array, n: number): Answers {
	return {
		decisions,
		probabilities: softmaxOf(decisions, n),
		predicted: argmaxOf(decisions, n),
	};
}

type NearHead = Exclude<ClassicalHead, LinearHead>;

/** Of rows that are scaled already: neighbours, or class means. */
export function fitNear(
	x: Float64Array,
	d: number,
	labels: Int32Array,
	numClasses: number,
	head: NearHead,
) {
	const n = labels.length;
	if ("knn" in head) {
		const votes = openNeighbours(x, n, d, labels, numClasses, head.knn);
		const { means } = openNearestMean(x, n, d, labels, numClasses, {
			metric: "euclidean",
			standardize: false,
		});
		return {
			means,
			linear: undefined,
			answer: (rows: Float64Array, count: number): Answers => {
				const probabilities = votes(rows, count);
				const predicted = argmaxOf(probabilities, count);
				return { decisions: probabilities, probabilities, predicted };
			},
		};
	}
	const { means, linear, decisions } = openNearestMean(
		x,
		n,
		d,
		labels,
		numClasses,
		head.nearest_mean,
	);
	return {
		means,
		linear,
		answer: (rows: Float64Array, count: number): Answers =>
			answersOf(decisions(rows, count), count),
	};
}

/** Weights on scaled features as weights on the features as they are. */
function folded(
	{ weight, bias }: NonNullable<FittedHead["linear"]>,
	d: number,
	{ shift, scale }: Scaling,
): NonNullable<FittedHead["linear"]> {
	const whole = weight.map((value, at) => value / scale[at % d]);
	const moved = bias.map((value, c) => {
		let sum = value;
		for (let j = 0; j < d; j++) sum -= whole[c * d + j] * shift[j];
		return sum;
	});
	return { weight: whole, bias: moved };
}

function checkPhotos(
	labels: Int32Array,
	numClasses: number,
	head: ClassicalHead,
): void {
	const name = classicalName(head);
	if (labels.length === 0)
		throw new RunError("no-rows", "the train split has no readable photo", {
			fix: "put photos into the train split, or look at why all were skipped (data.on_corrupt)",
		});
	if (new Set(labels).size < 2)
		throw new RunError(
			"one-class",
			`a ${name} head needs photos of at least two classes, but all ${labels.length} of the train split are of one (of ${numClasses})`,
			{ fix: "add photos of another class to the train split" },
		);
	if ("knn" in head && head.knn.n_neighbors > labels.length)
		throw new RunError(
			"too-many-neighbours",
			`${head.knn.n_neighbors} neighbours are asked for, but the train split has ${labels.length} photos`,
			{ fix: `write n_neighbors: ${Math.min(5, labels.length)}` },
		);
}
