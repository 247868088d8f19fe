/**
 * Convex losses of linear models: what decisions cost and how that changes.
 * Labels are 0 … k-1; where a model has one decision, class 1 is the positive one.
 */
export interface SmoothLoss {
	/** Decisions a photo for k classes. */
	readonly outputs: (classes: number) => number;
	/** A bound of its second derivative: the solver's first guess of the curvature. */
	readonly curvature: (classes: number) => number;
	/**
	 * Σ weight[i] · loss(decisions[i], label[i]); its derivative by each decision goes into `slope`.
	 * @param decisions float64 [n, m], row-major.
	 */
	readonly measure: (
		decisions: Float64Array,
		labels: Int32Array,
		weights: Float64Array,
		slope: Float64Array,
	) => number;
}

/** log(1 + exp(-y f)), y = ±1. */
export const binomial: SmoothLoss = {
	outputs: () => 1,
	curvature: () => 0.25,
	measure(f, labels, weights, slope) {
		let sum = 0;
		for (let i = 0; i < labels.length; i++) {
			const y = labels[i] === 1 ? 1 : -1;
			const margin = y * f[i];
			const e = Math.exp(-Math.abs(margin));
			sum += weights[i] * (Math.log1p(e) + (margin < 0 ? -margin : 0));
			const wrong = margin < 0 ? 1 / (1 + e) : e / (1 + e);
			slope[i] = -y * weights[i] * wrong;
		}
		return sum;
	},
};

/** -log softmax(f)[label]. */
export const multinomial: SmoothLoss = {
	outputs: (classes) => classes,
	curvature: (classes) => (1 / classes) * (1 - 1 / classes),
	measure(f, labels, weights, slope) {
		const k = f.length / labels.length;
		let sum = 0;
		for (let i = 0; i < labels.length; i++) {
			const at = i * k;
			let largest = f[at];
			for (let c = 1; c < k; c++) if (f[at + c] > largest) largest = f[at + c];
			let total = 0;
			for (let c = 0; c < k; c++) {
				const e = Math.exp(f[at + c] - largest);
				slope[at + c] = e;
				total += e;
			}
			const weight = weights[i];
			const own = at + labels[i];
			sum += weight * (largest + Math.log(total) - f[own]);
			for (let c = 0; c < k; c++) slope[at + c] *= weight / total;
			slope[own] -= weight;
		}
		return sum;
	},
};

/** max(0, 1 - y f)², y = ±1. */
export const squaredHinge: SmoothLoss = {
	outputs: () => 1,
	curvature: () => 2,
	measure(f, labels, weights, slope) {
		let sum = 0;
		for (let i = 0; i < labels.length; i++) {
			const y = labels[i] === 1 ? 1 : -1;
			const short = 1 - y * f[i];
			slope[i] = short > 0 ? -2 * y * weights[i] * short : 0;
			if (short > 0) sum += weights[i] * short * short;
		}
		return sum;
	},
};
