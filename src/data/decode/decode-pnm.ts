import { CorruptPhoto } from "../corrupt-photo.ts";
import type { Pixels } from "../types.ts";
import { checkPixelCount } from "./pixel-limit.ts";

/**
 * A Netpbm image (.pgm, .ppm) in its binary forms P5 and P6, RGB uint8 [h, w, 3]; values are scaled to 255
 * where the file's maximum is another. torchvision's ImageFolder lists these endings; libvips as sharp ships
 * it does not read them.
 *
 * @throws CorruptPhoto where it is truncated, or of a kind that cannot be read.
 */
export function decodePnm(bytes: Uint8Array): Pixels {
	const head = Buffer.from(bytes.subarray(0, 1024)).toString("latin1");
	const gap = String.raw`(?:\s|#[^\n]*\n)+`;
	const match = new RegExp(
		String.raw`^P([56])${gap}(\d+)${gap}(\d+)${gap}(\d+)\s`,
	).exec(head);
	if (!match)
		throw new CorruptPhoto(
			`the Netpbm file starts with ${JSON.stringify(head.slice(0, 12))}; only P5 and P6 can be read`,
		);
	const [width, height, maximum] = match.slice(2).map(Number);
	checkPixelCount(width, height);
	const channels = match[1] === "6" ? 3 : 1;
	const wide = maximum > 255;
	const size = width * height * channels * (wide ? 2 : 1);
	const start = match[0].length;
	if (bytes.length < start + size)
		throw new CorruptPhoto(
			`the Netpbm file is truncated: ${bytes.length} bytes of ${start + size}`,
		);
	const data = new Uint8Array(width * height * 3);
	for (let out = 0; out < data.length; out++) {
		const index = channels === 3 ? out : Math.trunc(out / 3);
		const at = start + (wide ? 2 * index : index);
		const value = wide ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
		data[out] =
			maximum === 255
				? value
				: Math.min(255, Math.round((value / maximum) * 255));
	}
	return { data, height, width, channels: 3 };
}
