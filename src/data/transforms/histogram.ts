import type { Pixels } from "../types.ts";
import { lookUp, tableOf } from "./color.ts";

/** Tables made from an image's histogram, and those of a number: PIL.ImageOps. */

function histogram(image: Pixels, channel: number): Uint32Array {
	const counts = new Uint32Array(256);
	for (let at = channel; at < image.data.length; at += image.channels)
		counts[image.data[at]]++;
	return counts;
}

function perChannel(
	image: Pixels,
	make: (counts: Uint32Array) => Uint8Array,
): Pixels {
	const table = new Uint8Array(image.channels * 256);
	for (let channel = 0; channel < image.channels; channel++)
		table.set(make(histogram(image, channel)), channel * 256);
	return lookUp(image, table);
}

const same = () => tableOf((value) => value);

/** functional.autocontrast: each channel stretched to 0 … 255. */
export function autocontrast(image: Pixels): Pixels {
	return perChannel(image, (counts) => {
		const low = counts.findIndex((count) => count > 0);
		const high = counts.findLastIndex((count) => count > 0);
		if (high <= low) return same();
		const scale = 255 / (high - low);
		const offset = -low * scale;
		return tableOf((value) =>
			Math.min(255, Math.max(0, Math.trunc(value * scale + offset))),
		);
	});
}

/** functional.equalize: each channel's histogram made flat. */
export function equalize(image: Pixels): Pixels {
	return perChannel(image, (counts) => {
		const used = counts.filter((count) => count > 0);
		const total = image.height * image.width;
		const step = Math.floor((total - (used.at(-1) ?? 0)) / 255);
		if (used.length <= 1 || step === 0) return same();
		let sum = Math.floor(step / 2);
		return tableOf((value) => {
			const level = Math.floor(sum / step);
			sum += counts[value];
			return level;
		});
	});
}

/** functional.posterize: the highest `bits` of each byte, 1 … 8. */
export function posterize(image: Pixels, bits: number): Pixels {
	const mask = ~(2 ** (8 - bits) - 1);
	return lookUp(
		image,
		tableOf((value) => value & mask),
	);
}

/** functional.solarize: bytes from the threshold on are inverted. */
export function solarize(image: Pixels, threshold: number): Pixels {
	return lookUp(
		image,
		tableOf((value) => (value < threshold ? value : 255 - value)),
	);
}
