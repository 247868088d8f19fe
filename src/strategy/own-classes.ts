/** How a backbone's own classifier takes photos that it was not trained for. */
export interface OwnClasses {
	/** Mean over photos of the largest probability (Hendrycks and Gimpel 2017, the baseline of telling strange inputs), 0 … 1. */
	readonly confidence: number;
	/** Mean over photos of the entropy of its probabilities, of log(classes): 0 sure, 1 no idea. */
	readonly entropy: number;
	/** exp of the entropy of the mean probabilities: of how many of its classes the photos are, as it sees them. */
	readonly spread: number;
	readonly classes: number;
}

/** @param probabilities float64 [n, classes], each row's sum 1 */
export function ownClasses(probabilities: Float64Array, n: number): OwnClasses {
	const classes = probabilities.length / n;
	const mean = new Float64Array(classes);
	let [confidence, entropy] = [0, 0];
	for (let i = 0; i < n; i++) {
		const row = probabilities.subarray(i * classes, (i + 1) * classes);
		let most = 0;
		row.forEach((share, z) => {
			mean[z] += share / n;
			most = Math.max(most, share);
		});
		confidence += most / n;
		entropy += entropyOf(row) / Math.log(classes) / n;
	}
	return { confidence, entropy, spread: Math.exp(entropyOf(mean)), classes };
}

/** -Σ p log p, in nats. */
function entropyOf(shares: Float64Array): number {
	let sum = 0;
	for (const share of shares) if (share > 0) sum -= share * Math.log(share);
	return sum;
}
