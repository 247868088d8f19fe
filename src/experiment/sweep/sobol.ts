/**
 * A Sobol sequence with the direction numbers of Joe and Kuo (new-joe-kuo-6, https://web.maths.unsw.edu.au/~fkuo/sobol/,
 * "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci. Comput. 30, 2008), in Gray code
 * order as Antonov and Saleev have it.
 */

/** Of dimensions 2 to 32: the inner coefficients of the primitive polynomial as bits, and the first direction numbers, one a degree. */
const DIRECTIONS: readonly (readonly [number, readonly number[]])[] = [
	[0, [1]],
	[1, [1, 3]],
	[1, [1, 3, 1]],
	[2, [1, 1, 1]],
	[1, [1, 1, 3, 3]],
	[4, [1, 3, 5, 13]],
	[2, [1, 1, 5, 5, 17]],
	[4, [1, 1, 5, 5, 5]],
	[7, [1, 1, 7, 11, 19]],
	[11, [1, 1, 5, 1, 1]],
	[13, [1, 1, 1, 3, 11]],
	[14, [1, 3, 5, 5, 31]],
	[1, [1, 3, 3, 9, 7, 49]],
	[13, [1, 1, 1, 15, 21, 21]],
	[16, [1, 3, 1, 13, 27, 49]],
	[19, [1, 1, 1, 15, 7, 5]],
	[22, [1, 3, 1, 15, 13, 25]],
	[25, [1, 1, 5, 5, 19, 61]],
	[1, [1, 3, 7, 11, 23, 15, 103]],
	[4, [1, 3, 7, 13, 13, 15, 69]],
	[7, [1, 1, 3, 13, 7, 35, 63]],
	[8, [1, 3, 5, 9, 1, 25, 53]],
	[14, [1, 3, 1, 13, 9, 35, 107]],
	[19, [1, 3, 1, 5, 27, 61, 31]],
	[21, [1, 1, 5, 11, 19, 41, 61]],
	[28, [1, 3, 5, 3, 3, 13, 69]],
	[31, [1, 1, 7, 13, 1, 19, 1]],
	[32, [1, 3, 7, 5, 13, 19, 59]],
	[37, [1, 1, 3, 9, 25, 29, 41]],
	[41, [1, 3, 5, 13, 23, 1, 55]],
	[42, [1, 3, 7, 3, 13, 59, 17]],
];

/** So many dimensions there are numbers for. */
export const SOBOL_DIMENSIONS = DIRECTIONS.length + 1;

const BITS = 32;

/**
 * The first points of the sequence, each coordinate in [0, 1).
 * @param dimensions from 1 to SOBOL_DIMENSIONS
 * @param shifts 32 bits for each dimension that its coordinates are XORed with: a digital shift, which keeps the
 * evenness of the points (Cranley and Patterson's shift in base 2); without them, the plain sequence
 */
export function sobolPoints(
	count: number,
	dimensions: number,
	shifts: readonly number[] = [],
): readonly (readonly number[])[] {
	const directions = Array.from({ length: dimensions }, (_, dimension) =>
		directionNumbers(dimension),
	);
	const bits = Array.from(
		{ length: dimensions },
		(_, dimension) => shifts[dimension] ?? 0,
	);
	return Array.from({ length: count }, (_, index) => {
		if (index > 0) {
			// Of the index before, the lowest bit that is 0.
			const bit = 31 - Math.clz32(~(index - 1) & index);
			for (const [dimension, numbers] of directions.entries())
				bits[dimension] = ((bits[dimension] ?? 0) ^ (numbers[bit] ?? 0)) >>> 0;
		}
		return bits.map((value) => (value >>> 0) / 2 ** BITS);
	});
}

/** v_1 … v_32 of one dimension, as fractions of 2^32. */
function directionNumbers(dimension: number): readonly number[] {
	if (dimension === 0)
		return Array.from({ length: BITS }, (_, k) => (1 << (BITS - 1 - k)) >>> 0);
	const [coefficients, first] = DIRECTIONS[
		dimension - 1
	] as (typeof DIRECTIONS)[0];
	const degree = first.length;
	const numbers = first.map((m, k) => (m << (BITS - 1 - k)) >>> 0);
	for (let k = degree; k < BITS; k++) {
		const before = numbers[k - degree] as number;
		let value = before ^ (before >>> degree);
		for (let j = 1; j < degree; j++)
			if ((coefficients >> (degree - 1 - j)) & 1)
				value ^= numbers[k - j] as number;
		numbers.push(value >>> 0);
	}
	return numbers;
}
