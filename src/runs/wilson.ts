/** 97.5 % point of the normal distribution. */
const Z = 1.959963984540054;

/**
 * Wilson's score interval of a share, 95 %: [low, high], both 0 … 1. Wilson, JASA 22 (1927);
 * it stays inside 0 … 1 and is honest where all or none are right. [0, 1] when nothing was counted.
 */
export function wilsonInterval(right: number, total: number): [number, number] {
	if (total === 0) return [0, 1];
	const share = right / total;
	const squared = Z ** 2 / total;
	const centre = (share + squared / 2) / (1 + squared);
	const half =
		(Z / (1 + squared)) *
		Math.sqrt((share * (1 - share)) / total + squared / (4 * total));
	return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
