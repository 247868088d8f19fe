import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../backend.ts";
import type { Kernels, Shape4, Window } from "./types.ts";
import { fullyPadded, padded, tap, taps, windowSize } from "./windows.ts";

/** Padding of a maximum: below every number, and finite, so that no product with 0 is NaN. */
const LOWEST = -3.4e38;

/** Max pools, position of the window by position. */
export function pools(tf: Tf): Pick<Kernels, "maxPool" | "maxPoolInput"> {
	return {
		maxPool(x, kernel, window) {
			const wide = padded(tf, x, window.pads, LOWEST);
			const { strides, dilations } = window;
			if (Math.max(...dilations) === 1)
				return tf.maxPool(wide, [...kernel], [...strides], "valid");
			const size = windowSize(x.shape, kernel, window);
			return taps(kernel)
				.map(([i, j]): Tensor => tap(tf, wide, i, j, size, window))
				.reduce((a, b) => tf.maximum(a, b));
		},
		maxPoolInput(x, output, upstream, kernel, window) {
			const wide = padded(tf, x, window.pads, LOWEST);
			const size = windowSize(x.shape, kernel, window);
			let left = tf.onesLike(output);
			const parts = taps(kernel).map(([i, j]) => {
				const seen = tap(tf, wide, i, j, size, window);
				const chosen = tf.mul(left, tf.cast(tf.equal(seen, output), "float32"));
				left = tf.sub(left, chosen);
				return scattered(
					tf,
					tf.mul(upstream, chosen),
					[i, j],
					x.shape as unknown as Shape4,
					window,
				);
			});
			return tf.addN(parts);
		},
	};
}

/** Puts the values back to where position [i, j] of the window saw them. */
function scattered(
	tf: Tf,
	values: Tensor,
	[i, j]: readonly [number, number],
	shape: Shape4,
	{ strides, dilations, pads }: Window,
): Tensor {
	// As a kernel of one position, moved by where it lies.
	const [top, , left] = pads;
	return fullyPadded(tf, values, shape, [1, 1], {
		strides,
		dilations,
		pads: [top - i * dilations[0], 0, left - j * dilations[1], 0],
	});
}
