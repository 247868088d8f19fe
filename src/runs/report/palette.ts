/**
 * Colours of the report. Blue says right (and valid), orange says wrong (and train): told apart with every
 * kind of colour blindness (Okabe and Ito, Color Universal Design, 2008). Triples are sRGB 0 … 255.
 */
export interface Palette {
	readonly page: Triple;
	readonly panel: Triple;
	readonly text: Triple;
	readonly muted: Triple;
	readonly line: Triple;
	readonly blue: Triple;
	readonly orange: Triple;
	readonly red: Triple;
	/** Strongest shade of a confusion cell, 0 … 1: text of colour `text` keeps a contrast of 4.5 on it. */
	readonly shade: number;
}

/** Red, green and blue, 0 … 255. */
export type Triple = readonly [number, number, number];

/** On a light ground. */
export const LIGHT: Palette = {
	page: [255, 255, 255],
	panel: [246, 247, 249],
	text: [24, 30, 36],
	muted: [88, 99, 110],
	line: [221, 226, 231],
	blue: [11, 95, 165],
	orange: [176, 78, 6],
	red: [170, 34, 28],
	shade: 0.68,
};

/** On a dark ground. */
export const DARK: Palette = {
	page: [17, 21, 25],
	panel: [25, 31, 37],
	text: [232, 236, 239],
	muted: [158, 170, 180],
	line: [49, 58, 67],
	blue: [109, 179, 242],
	orange: [240, 160, 75],
	red: [255, 137, 125],
	shade: 0.5,
};

/** Custom properties of a palette: `--blue: 11 95 165`, for rgb(var(--blue) / 50%). */
export function paletteProperties(palette: Palette): string {
	return Object.entries(palette)
		.map(([name, value]) => `--${name}:${[value].flat().join(" ")};`)
		.join("");
}
