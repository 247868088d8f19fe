/** The standard normal distribution, exact to about 13 digits also far out in its tails. */

const ROOT_2 = Math.SQRT2;
const LOG_ROOT_2PI = 0.5 * Math.log(2 * Math.PI);

/** Below this the series converges fast, above it the continued fraction does. */
const SERIES_UP_TO = 2;
const FRACTION_TERMS = 50;
const MOST_STEPS = 100;

/** log of its density at x. */
export function logDensity(x: number): number {
	return -0.5 * x * x - LOG_ROOT_2PI;
}

/** The probability of less than x. */
export function below(x: number): number {
	return x < 0 ? Math.exp(logBelow(x)) : 1 - Math.exp(logBelow(-x));
}

/** log of the probability of less than x. */
export function logBelow(x: number): number {
	if (x > 0) return Math.log1p(-Math.exp(logBelow(-x)));
	return Math.log(0.5) + logErfc(-x / ROOT_2);
}

/**
 * log of the probability between a and b, a < b, without loss of digits in a tail
 * (optuna 5.0.0, samplers/_tpe/_truncnorm.py, _log_gauss_mass).
 */
export function logBetween(a: number, b: number): number {
	if (a > 0) return logBetween(-b, -a);
	if (b <= 0) {
		const high = logBelow(b);
		return high + Math.log1p(-Math.exp(logBelow(a) - high));
	}
	return Math.log1p(-below(a) - below(-b));
}

/**
 * The x between a and b, a <= 0 <= b, below which the share u of what lies between them is: u in [0, 1) drawn
 * uniformly makes x a draw of the normal distribution truncated to [a, b]. By Newton's steps, halving where one leads
 * out of what is known.
 */
export function truncatedQuantile(u: number, a: number, b: number): number {
	const [from, to] = [below(a), below(b)];
	const wanted = from + u * (to - from);
	let [low, high] = [a, b];
	let x = Math.min(high, Math.max(low, 0));
	for (let step = 0; step < MOST_STEPS; step++) {
		const error = below(x) - wanted;
		if (error < 0) low = x;
		else high = x;
		const newton = x - error / Math.exp(logDensity(x));
		const next = newton > low && newton < high ? newton : (low + high) / 2;
		const change = Math.abs(next - x);
		x = next;
		if (change <= Number.EPSILON * Math.max(1, Math.abs(x))) break;
	}
	return x;
}

/**
 * log erfc(z), z >= 0: 1 minus the series erf(z) = 2/sqrt(pi) exp(-z^2) sum 2^n z^(2n+1) / (2n+1)!!, or the continued
 * fraction erfc(z) = exp(-z^2)/sqrt(pi) / (z + (1/2)/(z + 1/(z + (3/2)/(z + ...))))
 * (Abramowitz and Stegun 1964, 7.1.6 and 7.1.14).
 */
function logErfc(z: number): number {
	if (z < SERIES_UP_TO) {
		let term = z;
		let sum = z;
		for (let n = 1; term > sum * Number.EPSILON; n++) {
			term *= (2 * z * z) / (2 * n + 1);
			sum += term;
		}
		return Math.log1p((-2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum);
	}
	let below = z;
	for (let n = FRACTION_TERMS; n > 0; n--) below = z + n / 2 / below;
	return -z * z - Math.log(below * Math.sqrt(Math.PI));
}
