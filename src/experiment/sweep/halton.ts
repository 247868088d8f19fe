/** The first prime numbers: the base of each dimension. */
const PRIMES = [
	2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71,
	73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131,
];

/** So many dimensions a Halton sequence may have here. */
export const HALTON_DIMENSIONS = PRIMES.length;

/** Digits beyond these are below the precision of a double. */
const PRECISION = 54 * Math.LN2;

/** A permutation of 0 … base-1 for one digit of one dimension. */
export type DigitPermutation = (
	dimension: number,
	digit: number,
	base: number,
) => ArrayLike<number>;

/**
 * The first points of a Halton sequence (Numerische Mathematik 2, 1960): coordinate d of point i is i's radical inverse
 * in the d-th prime. Each coordinate is in [0, 1).
 * @param permutation of each digit, which takes away the correlation of neighbouring dimensions and keeps the evenness
 * (A. B. Owen, "A randomized Halton algorithm in R", https://arxiv.org/abs/1706.02808); without it, the plain sequence
 */
export function haltonPoints(
	count: number,
	dimensions: number,
	permutation?: DigitPermutation,
): readonly (readonly number[])[] {
	const columns = PRIMES.slice(0, dimensions).map((base, dimension) => {
		const digits = Math.ceil(PRECISION / Math.log(base));
		const permutations = Array.from(
			{ length: permutation === undefined ? 0 : digits },
			(_, digit) => permutation?.(dimension, digit, base),
		);
		return Array.from({ length: count }, (_, index) =>
			radicalInverse(index, base, permutations),
		);
	});
	return Array.from({ length: count }, (_, index) =>
		columns.map((column) => column[index] as number),
	);
}

function radicalInverse(
	index: number,
	base: number,
	permutations: readonly (ArrayLike<number> | undefined)[],
): number {
	let rest = index;
	let scale = 1;
	let sum = 0;
	// Leading zeros are digits too, once they are permuted.
	for (let digit = 0; rest > 0 || digit < permutations.length; digit++) {
		scale /= base;
		const value = rest % base;
		sum += (permutations[digit]?.[value] ?? value) * scale;
		rest = Math.floor(rest / base);
	}
	return Math.min(sum, 1 - Number.EPSILON);
}
