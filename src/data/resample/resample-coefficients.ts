/**
 * Resampling weights as Pillow computes them (src/libImaging/Resample.c, precompute_coeffs and
 * normalize_coeffs_8bpc): for each output pixel, which input pixels it is made of and with which
 * weights, as fixed-point integers of 22 fractional bits.
 */

/** The filters that Pillow resamples with; torchvision's names. */
export type Filter = "bilinear" | "bicubic" | "box" | "hamming" | "lanczos";

/** Fractional bits of a weight: Pillow's PRECISION_BITS, 32 - 8 - 2. */
export const PRECISION_BITS = 22;

/** One axis of a resampling: which input pixels each output pixel takes, and their weights. */
export interface Coefficients {
	/** First input pixel of each output pixel, int32 [out]. */
	readonly first: Int32Array;
	/** How many input pixels each output pixel is made of, int32 [out]. */
	readonly count: Int32Array;
	/** The largest of `count`. */
	readonly taps: number;
	/** Fixed-point weights, int32 [out, taps], zeros after `count`. */
	readonly weights: Int32Array;
}

interface Kernel {
	readonly support: number;
	readonly weight: (x: number) => number;
}

function sinc(x: number): number {
	return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

const KERNELS: Readonly<Record<Filter, Kernel>> = {
	box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
	bilinear: {
		support: 1,
		weight: (x) => Math.max(0, 1 - Math.abs(x)),
	},
	hamming: {
		support: 1,
		weight: (signed) => {
			const x = Math.abs(signed);
			if (x === 0) return 1;
			if (x >= 1) return 0;
			// Pillow writes these two as float literals.
			const window =
				Math.fround(0.54) + Math.fround(0.46) * Math.cos(x * Math.PI);
			return sinc(x) * window;
		},
	},
	bicubic: {
		support: 2,
		weight: (signed) => {
			const a = -0.5;
			const x = Math.abs(signed);
			if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
			if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
			return 0;
		},
	},
	lanczos: {
		support: 3,
		weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0),
	},
};

function compute(
	inSize: number,
	outSize: number,
	filter: Filter,
): Coefficients {
	const { support: unitSupport, weight } = KERNELS[filter];
	const scale = inSize / outSize;
	const filterScale = Math.max(scale, 1);
	const support = unitSupport * filterScale;
	const inverse = 1 / filterScale;
	const first = new Int32Array(outSize);
	const count = new Int32Array(outSize);
	let taps = 0;
	for (let out = 0; out < outSize; out++) {
		const center = (out + 0.5) * scale;
		first[out] = Math.max(0, Math.trunc(center - support + 0.5));
		const end = Math.min(inSize, Math.trunc(center + support + 0.5));
		count[out] = end - first[out];
		taps = Math.max(taps, count[out]);
	}
	const weights = new Int32Array(outSize * taps);
	const exact = new Float64Array(taps);
	for (let out = 0; out < outSize; out++) {
		const center = (out + 0.5) * scale;
		let sum = 0;
		for (let tap = 0; tap < count[out]; tap++) {
			exact[tap] = weight((tap + first[out] - center + 0.5) * inverse);
			sum += exact[tap];
		}
		for (let tap = 0; tap < count[out]; tap++) {
			const share = sum === 0 ? exact[tap] : exact[tap] / sum;
			const fixed = share * 2 ** PRECISION_BITS;
			weights[out * taps + tap] = Math.trunc(fixed + (share < 0 ? -0.5 : 0.5));
		}
	}
	return { first, count, taps, weights };
}

const cache = new Map<string, Coefficients>();
const CACHE_LIMIT = 256;

/**
 * The weights from `inSize` to `outSize` pixels, kept for the next call: photos of a dataset share a few
 * sizes. The oldest of 256 is dropped.
 */
export function coefficients(
	inSize: number,
	outSize: number,
	filter: Filter,
): Coefficients {
	const key = `${filter} ${inSize} ${outSize}`;
	const known = cache.get(key);
	if (known) return known;
	const made = compute(inSize, outSize, filter);
	const oldest = cache.keys().next();
	if (cache.size >= CACHE_LIMIT && !oldest.done) cache.delete(oldest.value);
	cache.set(key, made);
	return made;
}
