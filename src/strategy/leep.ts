/**
 * LEEP, how well a network's own classes tell the new ones: the mean log probability of each photo's label when the label
 * is guessed from the network's own class. Nguyen et al. 2020, "LEEP: A New Measure to Evaluate Transferability of
 * Learned Representations", ICML, equation 2:
 *
 *   T = 1/n Σᵢ log Σ_z P̂(yᵢ|z) θ(xᵢ)_z,   P̂(y|z) = P̂(y, z) / P̂(z),   P̂(y, z) = 1/n Σ_{i: yᵢ = y} θ(xᵢ)_z
 *
 * 0 at best; log(share of the largest class) or so where the own classes tell nothing.
 * @param probabilities float64 [n, sources], each row's sum 1
 * @param labels [n], 0 … numClasses-1
 */
export function leep(
	probabilities: Float64Array,
	n: number,
	labels: Int32Array,
	numClasses: number,
): number {
	const sources = probabilities.length / n;
	const joint = new Float64Array(numClasses * sources);
	const own = new Float64Array(sources);
	for (let i = 0; i < n; i++)
		for (let z = 0; z < sources; z++) {
			const share = probabilities[i * sources + z] / n;
			joint[labels[i] * sources + z] += share;
			own[z] += share;
		}
	let sum = 0;
	for (let i = 0; i < n; i++) {
		let likely = 0;
		for (let z = 0; z < sources; z++) {
			const share = own[z];
			if (share > 0)
				likely +=
					(joint[labels[i] * sources + z] / share) *
					probabilities[i * sources + z];
		}
		sum += Math.log(likely);
	}
	return sum / n;
}
