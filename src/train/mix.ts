import type { TrainOptions } from "../experiment/types.ts";
import type { Random } from "../random.ts";
import type { Batch } from "./batches.ts";

/**
 * Batches whose photos are mixed with one another, and their targets with them.
 *
 *   mixup   row i becomes lambda x[i] + (1 - lambda) x[i-1]
 *   cutmix  a rectangle of row i is taken from row i-1; lambda is what is left of it
 *   target  lambda t[i] + (1 - lambda) t[i-1]
 *
 * As torchvision.transforms.v2.MixUp and CutMix, which roll the batch by one and draw one lambda a batch
 * (https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.CutMix.html); on rows of features this is
 * manifold mixup (Verma et al., ICML 2019) at the layer where the frozen part ends.
 */
export type Mix =
	| { readonly kind: "mixup"; readonly lambda: number }
	| {
			readonly kind: "cutmix";
			/** What is left of a photo, 0 … 1. */
			readonly lambda: number;
			/** Rows top … bottom - 1 and columns left … right - 1. */
			readonly box: Box;
	  };

/** Whole numbers of pixels. */
export interface Box {
	readonly left: number;
	readonly top: number;
	readonly right: number;
	readonly bottom: number;
}

/** What is asked of training. */
export type Mixing = Pick<TrainOptions, "mixup" | "cutmix">;

/**
 * How one batch is mixed; undefined: not at all. Of two kinds each is as likely (torchvision's RandomChoice), and then
 * its `prob` decides (timm's mixup_prob).
 * @param shape of one row; [c, h, w] for cutmix
 */
export function drawMix(
	{ mixup, cutmix }: Mixing,
	shape: readonly number[],
	stream: Random,
): Mix | undefined {
	const isBoth = mixup !== undefined && cutmix !== undefined;
	const takesMixup = isBoth ? stream.uniform() < 0.5 : mixup !== undefined;
	const options = takesMixup ? mixup : cutmix;
	if (options === undefined || stream.uniform() >= options.prob)
		return undefined;
	const lambda = drawBeta(options.alpha, stream);
	if (takesMixup) return { kind: "mixup", lambda };
	const [, height = 1, width = 1] = shape;
	const [x, y] = [stream.integer(width), stream.integer(height)];
	return cutAt(lambda, x, y, height, width);
}

/** CutMix's rectangle around (x, y), cut off at the photo's edge, and the lambda that this leaves. */
export function cutAt(
	lambda: number,
	x: number,
	y: number,
	height: number,
	width: number,
): Mix {
	const half = 0.5 * Math.sqrt(1 - lambda);
	const [halfWidth, halfHeight] = [
		Math.trunc(half * width),
		Math.trunc(half * height),
	];
	const box = {
		left: Math.max(x - halfWidth, 0),
		top: Math.max(y - halfHeight, 0),
		right: Math.min(x + halfWidth, width),
		bottom: Math.min(y + halfHeight, height),
	};
	const area = (box.right - box.left) * (box.bottom - box.top);
	return { kind: "cutmix", lambda: 1 - area / (width * height), box };
}

/**
 * The batch mixed, its features in place. Its targets are [n, k] whether it is mixed or not, so that every step divides
 * by the same; its labels are those with the larger share.
 */
export function mixBatch(
	batch: Batch,
	shape: readonly number[],
	mix: Mix | undefined,
	numClasses: number,
): Batch {
	const targets = targetsOf(batch, numClasses);
	if (mix === undefined) return { ...batch, targets };
	const { features, labels } = batch;
	const { lambda } = mix;
	const n = labels.length;
	const width = features.length / n;
	if (mix.kind === "mixup") blend(features, width, lambda);
	else paste(features, width, shape, mix.box);
	blend(targets, numClasses, lambda);
	const dominant =
		lambda >= 0.5 ? labels : labels.map((_, row) => labels[(row + n - 1) % n]);
	return { features, labels: dominant, targets };
}

function targetsOf(
	{ labels, targets }: Batch,
	numClasses: number,
): Float32Array {
	if (targets !== undefined) return targets.slice();
	const oneHot = new Float32Array(labels.length * numClasses);
	labels.forEach((label, row) => {
		oneHot[row * numClasses + label] = 1;
	});
	return oneHot;
}

/** Each row with the one before it, the first with the last; from the last on, so that none is read after it changed. */
function blend(rows: Float32Array, width: number, lambda: number): void {
	const last = rows.slice(rows.length - width);
	for (let start = rows.length - width; start >= 0; start -= width)
		for (let at = 0; at < width; at++) {
			const before = start > 0 ? rows[start - width + at] : last[at];
			rows[start + at] = lambda * rows[start + at] + (1 - lambda) * before;
		}
}

function paste(
	rows: Float32Array,
	size: number,
	[channels = 1, height = 1, width = 1]: readonly number[],
	{ left, top, right, bottom }: Box,
): void {
	const last = rows.slice(rows.length - size);
	for (let start = rows.length - size; start >= 0; start -= size) {
		const before = start > 0 ? rows.subarray(start - size, start) : last;
		for (let channel = 0; channel < channels; channel++)
			for (let y = top; y < bottom; y++) {
				const line = (channel * height + y) * width;
				rows.set(
					before.subarray(line + left, line + right),
					start + line + left,
				);
			}
	}
}

/** Beta(alpha, alpha), as the share of one of two Gamma(alpha) numbers; by their logarithms, for small alphas give numbers too small for floats. */
export function drawBeta(alpha: number, stream: Random): number {
	const difference = logGamma(alpha, stream) - logGamma(alpha, stream);
	return 1 / (1 + Math.exp(-difference));
}

/**
 * The logarithm of a Gamma(alpha) number by Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables" (ACM
 * TOMS 2000); below 1 that of alpha + 1 times a uniform number to the power 1/alpha.
 */
function logGamma(alpha: number, stream: Random): number {
	const isSmall = alpha < 1;
	const d = (isSmall ? alpha + 1 : alpha) - 1 / 3;
	const c = 1 / Math.sqrt(9 * d);
	for (;;) {
		const x = stream.normal();
		const v = (1 + c * x) ** 3;
		if (v <= 0) continue;
		const u = 1 - stream.uniform();
		if (Math.log(u) >= 0.5 * x * x + d - d * v + d * Math.log(v)) continue;
		const log = Math.log(d * v);
		return isSmall ? log + Math.log(1 - stream.uniform()) / alpha : log;
	}
}
