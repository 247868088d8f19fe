/** From decisions to probabilities and classes. float64 [n, k], row-major throughout. */

/** The least a probability counts in a loss, so that one photo of a class that was not trained on does not make it infinite. */
const LEAST = 1e-15;

/** softmax of each row; -Infinity gives 0. */
export function softmaxOf(decisions: Float64Array, n: number): Float64Array {
	const k = decisions.length / n;
	const out = new Float64Array(decisions.length);
	for (let at = 0; at < decisions.length; at += k) {
		let largest = Number.NEGATIVE_INFINITY;
		for (let c = 0; c < k; c++) largest = Math.max(largest, decisions[at + c]);
		let total = 0;
		for (let c = 0; c < k; c++) {
			out[at + c] = Math.exp(decisions[at + c] - largest);
			total += out[at + c];
		}
		for (let c = 0; c < k; c++) out[at + c] /= total;
	}
	return out;
}

/** Class with the largest number, of equal ones the first. */
export function argmaxOf(decisions: Float64Array, n: number): Int32Array {
	const k = decisions.length / n;
	return Int32Array.from({ length: n }, (_, row) => {
		let best = 0;
		for (let c = 1; c < k; c++)
			if (decisions[row * k + c] > decisions[row * k + best]) best = c;
		return best;
	});
}

/** -log of the label's probability, natural log, per photo; at most -log 1e-15. A label of -1 has none. */
export function logLosses(
	probabilities: Float64Array,
	labels: Int32Array,
): Float64Array {
	const k = probabilities.length / labels.length;
	return Float64Array.from(
		labels,
		(label, row) =>
			-Math.log(
				Math.max(LEAST, label < 0 ? 0 : probabilities[row * k + label]),
			),
	);
}

/** Σ of the log losses of softmax(decisions). */
export function softmaxLoss(
	decisions: Float64Array,
	labels: Int32Array,
): number {
	return logLosses(softmaxOf(decisions, labels.length), labels).reduce(
		(sum, loss) => sum + loss,
		0,
	);
}
