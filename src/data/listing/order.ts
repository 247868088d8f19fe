/**
 * Order of names as Python's `sorted` gives it: by Unicode code point, whatever the locale. JavaScript's
 * own order compares UTF-16 units, which puts emoji (surrogates, U+D800 …) before U+E000 … U+FFFF.
 * @returns negative, 0 or positive, for Array.prototype.sort.
 */
export function byCodePoint(a: string, b: string): number {
	const length = Math.min(a.length, b.length);
	for (let index = 0; index < length; index++) {
		const x = a.charCodeAt(index);
		const y = b.charCodeAt(index);
		if (x !== y) return rank(x) - rank(y);
	}
	return a.length - b.length;
}

/** Moves surrogates behind all other units, where the code points they spell belong. */
function rank(unit: number): number {
	return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit;
}
