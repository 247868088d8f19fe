import { classicalName } from "../../experiment/classical-types.ts";
import { type Split, splitsOf, stratifiedFolds } from "./folds.ts";
import {
	candidatesOf,
	decisionsOf,
	type LinearHead,
	ROUGH,
	solve,
	type TrainSet,
} from "./linear.ts";
import { gathered } from "./matrix.ts";
import { argmaxOf, softmaxLoss } from "./probabilities.ts";
import type { RidgePath } from "./ridge.ts";
import type { Steps } from "./steps.ts";
import type { PathCurve } from "./types.ts";

/** Folds of the training photos that choose C. */
export const CHOOSING_FOLDS = 5;

/**
 * How the candidates of C or alpha fare on training photos that were held out, and the one taken; undefined where there
 * is but one. Ridge leaves out photo by photo and takes the smallest squared error, as sklearn's RidgeClassifierCV. The
 * others take the most photos right in stratified folds, of equal ones the smaller loss, of equal ones the smaller C.
 */
export function* choose(
	train: TrainSet,
	head: LinearHead,
	seed: number,
	ridge: RidgePath | undefined,
): Steps<PathCurve | undefined> {
	const values = candidatesOf(head);
	if (values.length === 1) return undefined;
	if (ridge !== undefined) {
		const left = values.map(ridge.leaveOneOut);
		const losses = left.map(({ loss }) => loss);
		return {
			name: "alpha",
			values,
			accuracy: left.map(({ accuracy }) => accuracy),
			loss: losses,
			chosen: values[losses.indexOf(Math.min(...losses))],
			how: "training photos left out one by one",
		};
	}
	const folds = Math.min(CHOOSING_FOLDS, train.labels.length);
	const foldOf = stratifiedFolds(train.labels, folds, seed, 0);
	const { accuracy, loss } = yield* curveOf(
		train,
		head,
		values,
		splitsOf(foldOf),
		seed,
	);
	let best = 0;
	for (let index = 1; index < values.length; index++) {
		const more = accuracy[index] - accuracy[best];
		if (more > 0 || (more === 0 && loss[index] < loss[best])) best = index;
	}
	return {
		name: "C",
		values,
		accuracy,
		loss,
		chosen: values[best],
		how: `${folds} folds of the training photos`,
	};
}

/** The whole path on every split: mean accuracy and loss a held-out photo, by value. */
export function* curveOf(
	train: TrainSet,
	head: LinearHead,
	values: readonly number[],
	splits: readonly Split[],
	seed: number,
): Steps<{ readonly accuracy: number[]; readonly loss: number[] }> {
	const right = values.map(() => 0);
	const loss = values.map(() => 0);
	let count = 0;
	for (const { train: rows, held } of splits) {
		if (rows.length === 0 || held.length === 0) continue;
		count += held.length;
		const part = partOf(train, rows);
		const z = gathered(train.z, train.r, held);
		const labels = held.map((row) => train.labels[row]);
		const fits =
			part.classes < 2
				? undefined
				: yield* solve(part.set, head, values, ROUGH, seed);
		values.forEach((_, index) => {
			const fit = fits?.[index];
			const decisions =
				fit === undefined
					? Float64Array.from(labels, () => 0)
					: decisionsOf(fit, z, held.length, train.r);
			const predicted = argmaxOf(decisions, held.length);
			labels.forEach((label, i) => {
				if (part.present[predicted[i]] === label) right[index]++;
			});
			loss[index] += lossOf(head, decisions, labels, part.present);
		});
	}
	return {
		accuracy: right.map((sum) => sum / count),
		loss: loss.map((sum) => sum / count),
	};
}

/** Some rows, their classes numbered anew where one has none among them. */
function partOf(train: TrainSet, rows: Int32Array) {
	const labels = rows.map((row) => train.labels[row]);
	const present = [...new Set(labels)].sort((a, b) => a - b);
	const set: TrainSet = {
		z: gathered(train.z, train.r, rows),
		r: train.r,
		labels: labels.map((label) => present.indexOf(label)),
		classes: present.length,
		weights: Float64Array.from(rows, (row) => train.weights[row]),
	};
	return { set, present, classes: present.length };
}

/** Σ over held-out photos of the head's own loss; logistic's is bounded where a class was not there to learn from. */
function lossOf(
	head: LinearHead,
	decisions: Float64Array,
	labels: Int32Array,
	present: readonly number[],
): number {
	const k = decisions.length / labels.length;
	const own = labels.map((label) => present.indexOf(label));
	if (classicalName(head) === "logistic") return softmaxLoss(decisions, own);
	const isSquared = "svm" in head && head.svm.loss === "squared_hinge";
	let sum = 0;
	for (let i = 0; i < labels.length; i++)
		for (let c = 0; c < k; c++) {
			const y = own[i] === c ? 1 : -1;
			const short = Math.max(0, 1 - y * decisions[i * k + c]);
			sum += isSquared ? short * short : short;
		}
	return sum;
}
