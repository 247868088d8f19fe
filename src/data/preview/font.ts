import type { Pixels } from "../types.ts";
import { type Color, fillBox } from "./canvas.ts";

/**
 * Letters for pictures, so that text needs no font on the machine: the usual 5 x 7 dot matrix of displays,
 * ASCII 32 … 126, five bytes a letter, one a column, the lowest bit on top.
 */
const COLUMNS = Buffer.from(
	[
		"0000000000 00005f0000 0007000700 147f147f14 242a7f2a12 2313086462",
		"3649562050 0005030000 001c224100 0041221c00 2a1c7f1c2a 08083e0808",
		"0050300000 0808080808 0060600000 2010080402 3e5149453e 00427f4000",
		"4261514946 2141454b31 1814127f10 2745454539 3c4a494930 0171090503",
		"3649494936 064949291e 0036360000 0056360000 0008142241 1414141414",
		"4122140800 0201510906 324979413e 7e1111117e 7f49494936 3e41414122",
		"7f4141221c 7f49494941 7f09090901 3e4149497a 7f0808087f 00417f4100",
		"2040413f01 7f08142241 7f40404040 7f020c027f 7f0408107f 3e4141413e",
		"7f09090906 3e4151215e 7f09192946 4649494931 01017f0101 3f4040403f",
		"1f2040201f 3f4038403f 6314081463 0708700807 6151494543 007f414100",
		"0204081020 0041417f00 0402010204 4040404040 0001020400 2054545478",
		"7f48444438 3844444420 384444487f 3854545418 087e090102 0c5252523e",
		"7f08040478 00447d4000 2040443d00 7f10284400 00417f4000 7c04180478",
		"7c08040478 3844444438 7c14141408 081414187c 7c08040408 4854545420",
		"043f444020 3c4040207c 1c2040201c 3c4030403c 4428102844 0c5050503c",
		"4464544c44 0008364100 00007f0000 0041360800 0201020402",
	]
		.join("")
		.replaceAll(" ", ""),
	"hex",
);

const DOT = 2;
/** Width of one letter with its gap, and height of one line, in pixels. */
export const LETTER_WIDTH = 6 * DOT;
/** From one line of text to the next, in pixels. */
export const LINE_HEIGHT = 10 * DOT;

/** Whether every letter of a text can be drawn. */
export function isDrawable(text: string): boolean {
	return /^[ -~]*$/.test(text);
}

/** Draws one line of ASCII with its upper left corner at (x, y); what does not fit in `width` is cut with "..". */
export function drawText(
	target: Pixels,
	text: string,
	x: number,
	y: number,
	color: Color,
	width: number,
): void {
	const room = Math.floor(width / LETTER_WIDTH);
	const shown = text.length <= room ? text : `${text.slice(0, room - 2)}..`;
	for (let letter = 0; letter < shown.length; letter++) {
		const glyph = (shown.charCodeAt(letter) - 32) * 5;
		for (let column = 0; column < 5; column++)
			for (let row = 0; row < 7; row++)
				if ((COLUMNS[glyph + column] >> row) & 1)
					fillBox(
						target,
						{
							top: y + row * DOT,
							left: x + letter * LETTER_WIDTH + column * DOT,
							height: DOT,
							width: DOT,
						},
						color,
					);
	}
}
