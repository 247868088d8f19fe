/** How well scores sort the photos of a class before the others. */

/**
 * Area under the ROC curve: the chance that a photo of the class has the larger score, ties counted half (Mann and
 * Whitney); sklearn's roc_auc_score. Undefined where one side is empty.
 */
export function rocAuc(
	scores: readonly number[],
	positive: readonly boolean[],
): number | undefined {
	const order = descending(scores);
	const count = positive.filter(Boolean).length;
	const others = scores.length - count;
	if (count === 0 || others === 0) return undefined;
	let above = 0;
	let area = 0;
	for (const group of ties(order, scores)) {
		const right = group.filter((index) => positive[index]).length;
		const wrong = group.length - right;
		area += wrong * (above + right / 2);
		above += right;
	}
	return area / (count * others);
}

/**
 * Sum over the thresholds of the gain in recall times the precision there; sklearn's average_precision_score.
 * Undefined where no photo is positive.
 */
export function averagePrecision(
	scores: readonly number[],
	positive: readonly boolean[],
): number | undefined {
	const order = descending(scores);
	const count = positive.filter(Boolean).length;
	if (count === 0) return undefined;
	let seen = 0;
	let right = 0;
	let area = 0;
	for (const group of ties(order, scores)) {
		const gain = group.filter((index) => positive[index]).length;
		seen += group.length;
		right += gain;
		area += (gain / count) * (right / seen);
	}
	return area;
}

function descending(scores: readonly number[]): readonly number[] {
	return scores
		.map((_, index) => index)
		.sort((a, b) => (scores[b] as number) - (scores[a] as number));
}

function* ties(
	order: readonly number[],
	scores: readonly number[],
): Generator<readonly number[]> {
	for (let start = 0; start < order.length; ) {
		const score = scores[order[start] as number];
		let end = start + 1;
		while (end < order.length && scores[order[end] as number] === score) end++;
		yield order.slice(start, end);
		start = end;
	}
}
