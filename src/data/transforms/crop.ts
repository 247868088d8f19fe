import { gather } from "../gather.ts";
import { type Image, roundHalfEven } from "./image.ts";

/** Crops, pads and flips: torchvision.transforms.functional on PIL images, and the same on tensors. */

/** torchvision's `padding_mode`. */
export type PaddingMode = "constant" | "edge" | "reflect" | "symmetric";

/** Pixels to add at each side; negative ones are cut off. */
export interface Sides {
	readonly left: number;
	readonly top: number;
	readonly right: number;
	readonly bottom: number;
}

function range(
	start: number,
	length: number,
	map: (index: number) => number,
): Int32Array {
	return Int32Array.from({ length }, (_, index) => map(start + index));
}

const inside = (size: number) => (index: number) =>
	index >= 0 && index < size ? index : -1;

/** functional.crop: what lies outside the image is `fill`, black by default. */
export function crop<T extends Image>(
	image: T,
	top: number,
	left: number,
	height: number,
	width: number,
	fill?: readonly number[],
): T {
	const rows = range(top, height, inside(image.height));
	const columns = range(left, width, inside(image.width));
	return gather(image as Image, rows, columns, fill) as T;
}

/** Remainder with the sign of the divisor. */
function modulo(value: number, by: number): number {
	return ((value % by) + by) % by;
}

/** Where index lands in [0, size), however far outside it is: numpy.pad's modes. */
function fold(index: number, size: number, mode: PaddingMode): number {
	if (mode === "edge") return Math.min(size - 1, Math.max(0, index));
	if (mode === "symmetric") {
		const at = modulo(index, 2 * size);
		return at < size ? at : 2 * size - 1 - at;
	}
	if (size === 1) return 0;
	const at = modulo(index, 2 * size - 2);
	return at < size ? at : 2 * size - 2 - at;
}

/** functional.pad. `fill` has one value a channel and counts for "constant" alone. */
export function pad<T extends Image>(
	image: T,
	{ left, top, right, bottom }: Sides,
	fill: readonly number[],
	mode: PaddingMode = "constant",
): T {
	const height = image.height + top + bottom;
	const width = image.width + left + right;
	if (mode === "constant") return crop(image, -top, -left, height, width, fill);
	// Negative sides are cut off first, so that the rest is what gets reflected.
	const rows = image.height + Math.min(0, top) + Math.min(0, bottom);
	const columns = image.width + Math.min(0, left) + Math.min(0, right);
	const along = (before: number, length: number, size: number) =>
		range(
			-Math.max(0, before),
			length,
			(index) => Math.max(0, -before) + fold(index, size, mode),
		);
	return gather(
		image as Image,
		along(top, height, rows),
		along(left, width, columns),
	) as T;
}

/** Where functional.center_crop cuts, after padding: the pads, then top and left. */
export function centerCropBox(
	image: { readonly height: number; readonly width: number },
	height: number,
	width: number,
): { sides: Sides; top: number; left: number } {
	const missingHeight = Math.max(0, height - image.height);
	const missingWidth = Math.max(0, width - image.width);
	const sides = {
		left: missingWidth >> 1,
		top: missingHeight >> 1,
		right: (missingWidth + 1) >> 1,
		bottom: (missingHeight + 1) >> 1,
	};
	return {
		sides,
		top: roundHalfEven((image.height + missingHeight - height) / 2),
		left: roundHalfEven((image.width + missingWidth - width) / 2),
	};
}

/** functional.center_crop: padded with black where the image is smaller than the crop. */
export function centerCrop<T extends Image>(
	image: T,
	height: number,
	width: number,
): T {
	const { sides, top, left } = centerCropBox(image, height, width);
	return crop(image, top - sides.top, left - sides.left, height, width);
}

/** Left and right exchanged. */
export function flipHorizontal<T extends Image>(image: T): T {
	const { height, width } = image;
	const rows = range(0, height, (y) => y);
	return gather(
		image as Image,
		rows,
		range(0, width, (x) => width - 1 - x),
	) as T;
}

/** Top and bottom exchanged. */
export function flipVertical<T extends Image>(image: T): T {
	const { height, width } = image;
	const columns = range(0, width, (x) => x);
	return gather(
		image as Image,
		range(0, height, (y) => height - 1 - y),
		columns,
	) as T;
}
