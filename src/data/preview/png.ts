import sharp from "sharp";
import type { Pixels } from "../types.ts";
import { canvas, FAINT, frameBox, INK, paste } from "./canvas.ts";
import { describeTransforms } from "./describe.ts";
import { drawText, isDrawable, LETTER_WIDTH, LINE_HEIGHT } from "./font.ts";
import { encodePng } from "./html.ts";
import { PANEL_SIDE, type Panel, type Policy, type Row } from "./panels.ts";

/**
 * A preview as one PNG:
 *
 *   eval: Resize 256, CenterCrop 224 x 224 …
 *   dogs/rex.jpg  500 x 375
 *   [photo, cut-off part dimmed] [result] [result] …
 *   kept: 56 %                   eval: 224 x 224
 */

const MARGIN = 16;
const GAP = 12;
const CELL = PANEL_SIDE + GAP;
const PANEL_ROW = PANEL_SIDE + LINE_HEIGHT + GAP;

/** Cuts a text into lines of at most `letters`, at its spaces. */
function wrap(text: string, letters: number): readonly string[] {
	const lines: string[] = [];
	for (const word of text.split(" ")) {
		const last = lines.at(-1);
		if (last !== undefined && last.length + 1 + word.length <= letters)
			lines[lines.length - 1] = `${last} ${word}`;
		else lines.push(word);
	}
	return lines;
}

/** Names beyond ASCII need the machine's own fonts: pango, by sharp. */
export async function drawAnyText(
	target: Pixels,
	text: string,
	x: number,
	y: number,
	width: number,
): Promise<void> {
	if (isDrawable(text)) {
		drawText(target, text, x, y, INK, width);
		return;
	}
	const { data, info } = await sharp({
		text: {
			text: text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`),
			font: "sans 11",
			dpi: 100,
			rgba: true,
		},
	})
		.flatten({ background: "white" })
		.removeAlpha()
		.resize({
			width,
			height: LINE_HEIGHT - 2,
			fit: "inside",
			withoutEnlargement: true,
		})
		.raw()
		.toBuffer({ resolveWithObject: true });
	const image = { data, height: info.height, width: info.width, channels: 3 };
	paste(target, image as Pixels, x, y);
}

function drawPanel(target: Pixels, panel: Panel, x: number, y: number): void {
	const { pixels, frame, caption } = panel;
	const top = y + PANEL_SIDE - pixels.height;
	paste(target, pixels, x, top);
	if (frame) {
		const { height, width } = pixels;
		const box = {
			top: top - 3,
			left: x - 3,
			height: height + 6,
			width: width + 6,
		};
		frameBox(target, box, frame, 3);
	}
	const below = y + PANEL_SIDE + 5;
	drawText(target, caption, x, below, FAINT, PANEL_SIDE);
}

/** The picture, as the bytes of a PNG file. */
export async function pngPreview(
	rows: readonly Row[],
	policies: readonly Policy[],
): Promise<Uint8Array> {
	const columns = Math.max(
		3,
		...rows.flatMap((row) => row.groups.map((panels) => panels.length)),
	);
	const width = 2 * MARGIN + columns * CELL - GAP;
	const inner = width - 2 * MARGIN;
	const head = policies.flatMap(({ name, transforms }) =>
		wrap(
			`${name}: ${describeTransforms(transforms)}`,
			Math.floor(inner / LETTER_WIDTH),
		),
	);
	const rowHeight = (row: Row) =>
		LINE_HEIGHT + 6 + row.groups.length * PANEL_ROW + GAP;
	const height =
		2 * MARGIN +
		head.length * LINE_HEIGHT +
		GAP +
		rows.reduce((sum, row) => sum + rowHeight(row), 0);
	const target = canvas(height, width);
	let y = MARGIN;
	for (const line of head) {
		drawText(target, line, MARGIN, y, FAINT, inner);
		y += LINE_HEIGHT;
	}
	y += GAP;
	for (const row of rows) {
		const title = `${row.photo}  ${row.note}`;
		await drawAnyText(target, title, MARGIN, y, inner);
		for (const [index, panels] of row.groups.entries())
			for (const [column, panel] of panels.entries())
				drawPanel(
					target,
					panel,
					MARGIN + column * CELL,
					y + LINE_HEIGHT + 6 + index * PANEL_ROW,
				);
		y += rowHeight(row);
	}
	return encodePng(target);
}
