/** Tails of the distributions that tests and intervals are made of. */

/** P(Z > z) of the standard normal: series and continued fraction of Abramowitz and Stegun 26.2.11 and 26.2.14. */
export function normalTail(z: number): number {
	if (z < 0) return 1 - normalTail(-z);
	const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
	if (z < 3) {
		let term = z;
		let sum = z;
		for (let n = 1; term > sum * 1e-17; n++) {
			term *= (z * z) / (2 * n + 1);
			sum += term;
		}
		return 0.5 - density * sum;
	}
	let fraction = z;
	for (let n = 200; n >= 1; n--) fraction = z + n / fraction;
	return density / fraction;
}

/** P(T > t) of Student's t with `df` degrees of freedom, by the incomplete beta function. */
export function studentTail(t: number, df: number): number {
	if (t === Number.POSITIVE_INFINITY) return 0;
	const half = incompleteBeta(df / 2, 0.5, df / (df + t * t)) / 2;
	return t >= 0 ? half : 1 - half;
}

/** The t that `tail` of Student's distribution lies above; by halving, to 1e-12. @param tail 0 … 0.5, both exclusive. */
export function studentQuantile(tail: number, df: number): number {
	let low = 0;
	let high = 1;
	while (studentTail(high, df) > tail) high *= 2;
	while (high - low > 1e-12 * high) {
		const middle = (low + high) / 2;
		if (studentTail(middle, df) > tail) low = middle;
		else high = middle;
	}
	return (low + high) / 2;
}

/** I_x(a, b), regularised; continued fraction by Lentz's method (Numerical Recipes, 6.4). */
function incompleteBeta(a: number, b: number, x: number): number {
	if (x <= 0) return 0;
	if (x >= 1) return 1;
	const front = Math.exp(
		logGamma(a + b) -
			logGamma(a) -
			logGamma(b) +
			a * Math.log(x) +
			b * Math.log1p(-x),
	);
	return x < (a + 1) / (a + b + 2)
		? (front * betaFraction(a, b, x)) / a
		: 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

function betaFraction(a: number, b: number, x: number): number {
	const tiny = 1e-300;
	let c = 1;
	let d = 1 / (1 - ((a + b) * x) / (a + 1) || tiny);
	let h = d;
	for (let m = 1; m <= 500; m++) {
		const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 / (1 + even * d || tiny);
		c = 1 + even / c || tiny;
		h *= d * c;
		const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 / (1 + odd * d || tiny);
		c = 1 + odd / c || tiny;
		h *= d * c;
		if (Math.abs(d * c - 1) < 1e-15) break;
	}
	return h;
}

/** ln Γ(x), x > 0; Lanczos with g = 7, n = 9, about 1e-15 relative. */
function logGamma(x: number): number {
	const shifted = x - 1;
	let sum = LANCZOS[0] as number;
	for (let i = 1; i < LANCZOS.length; i++)
		sum += (LANCZOS[i] as number) / (shifted + i);
	const t = shifted + 7.5;
	return (
		0.5 * Math.log(2 * Math.PI) +
		(shifted + 0.5) * Math.log(t) -
		t +
		Math.log(sum)
	);
}

const LANCZOS = [
	0.99999999999980993, 676.5203681218851, -1259.1392167224028,
	771.32342877765313, -176.61502916214059, 12.507343278686905,
	-0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
