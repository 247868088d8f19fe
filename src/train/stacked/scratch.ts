import { type Kernel, type Matrix, spaceOf } from "./kernel/kernel.ts";
import type { Head } from "./stack-key.ts";

/** Room for what a batch leaves behind in a head; heads of one shape use it one after the other. */
export interface Scratch {
	/** Photos at once, at most. */
	readonly photos: number;
	readonly layers: readonly LayerScratch[];
}

/** Of one layer. */
export interface LayerScratch {
	/** [out, photos], bias added and ReLU applied. */
	readonly sums: Matrix;
	/** [photos, out] of a hidden layer: `sums` turned. */
	readonly turned: Matrix | undefined;
	/** Gradient by `sums`. */
	readonly upstream: Matrix;
	/** Gradients by the parameters: [out, in] and [1, out]. */
	readonly weight: Matrix;
	readonly bias: Matrix | undefined;
}

/** Heads with the same text have room in the same scratch. */
export function shapeOf({ layers }: Head): string {
	return layers
		.map(
			({ inFeatures, outFeatures, bias }) =>
				`${inFeatures}x${outFeatures}${bias === undefined ? "" : "+"}`,
		)
		.join(" ");
}

/** Makes room for heads of this shape and up to `photos` photos. */
export function openScratch(
	kernel: Kernel,
	{ layers }: Head,
	photos: number,
): Scratch {
	const last = layers.length - 1;
	return {
		photos,
		layers: layers.map(({ inFeatures, outFeatures, bias }, index) => ({
			sums: kernel.matrix(outFeatures, photos),
			turned: index < last ? kernel.matrix(photos, outFeatures) : undefined,
			upstream: kernel.matrix(outFeatures, photos),
			weight: kernel.matrix(outFeatures, inFeatures),
			bias: bias === undefined ? undefined : kernel.matrix(1, outFeatures),
		})),
	};
}

/** Numbers that this scratch takes, at most. */
export function scratchSpace({ layers }: Head, photos: number): number {
	return layers.reduce(
		(sum, { inFeatures, outFeatures }) =>
			sum +
			2 * spaceOf(outFeatures, photos) +
			spaceOf(photos, outFeatures) +
			spaceOf(outFeatures, inFeatures) +
			spaceOf(1, outFeatures),
		0,
	);
}
