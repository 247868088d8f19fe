import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../backend.ts";
import { convolutions } from "./composed-conv.ts";
import { depthwises } from "./composed-depthwise.ts";
import { pools } from "./composed-pool.ts";
import type { Affine, Kernels, Normed, Running } from "./types.ts";
import { sumChannels } from "./windows.ts";

/** Kernels made of operations that every backend of tfjs has. */
export function composedKernels(tf: Tf): Kernels {
	return {
		...tidied(tf, { ...convolutions(tf), ...depthwises(tf), ...pools(tf) }),
		batchNorm: (x, affine, running, epsilon) =>
			batchNorm(tf, x, affine, running, epsilon),
		affine: (x, scale, offset) =>
			tf.tidy(() => tf.add(tf.mul(x, scale), offset)),
		addBias: (x, bias) => tf.add(x, bias),
		sumChannels: (x) => sumChannels(tf, x),
		reluInput: (upstream, output) => tf.mul(upstream, tf.step(output)),
		relu6Input: (upstream, output) =>
			tf.mul(
				upstream,
				tf.cast(
					tf.logicalAnd(tf.greater(output, 0), tf.less(output, 6)),
					"float32",
				),
			),
	};
}

/** The same functions, each freeing what it made on the way. */
function tidied<T extends Partial<Kernels>>(tf: Tf, kernels: T): T {
	const entries = Object.entries(kernels).map(([name, kernel]) => [
		name,
		(...given: unknown[]) =>
			tf.tidy(() => (kernel as (...g: unknown[]) => Tensor)(...given)),
	]);
	return Object.fromEntries(entries) as T;
}

/** With x' = (x - mean) / s: dx = scale / s · (g - mean(g) - x' · mean(g · x')) (Ioffe and Szegedy, 2015). */
function batchNorm(
	tf: Tf,
	x: Tensor,
	{ scale, offset }: Affine,
	running: Running,
	epsilon: number,
): Normed {
	const towards = (before: Tensor, batch: Tensor) =>
		tf.add(
			tf.mul(before, running.momentum),
			tf.mul(batch, 1 - running.momentum),
		);
	const count = x.size / (x.shape.at(-1) as number);
	const mean = tf.div(sumChannels(tf, x), count);
	const centred = tf.sub(x, mean);
	const squares = tf.tidy(() => sumChannels(tf, tf.mul(centred, centred)));
	const inverse = tf.rsqrt(tf.add(tf.div(squares, count), epsilon));
	const normed = tf.mul(centred, inverse);
	centred.dispose();
	return {
		output: tf.tidy(() => tf.add(tf.mul(normed, scale), offset)),
		mean: towards(running.mean, mean),
		variance: towards(
			running.variance,
			tf.div(squares, Math.max(1, count - 1)),
		),
		gradient(upstream) {
			const byOffset = sumChannels(tf, upstream);
			const byScale = sumChannels(tf, tf.mul(upstream, normed));
			const level = tf.div(byOffset, count);
			const along = tf.mul(normed, tf.div(byScale, count));
			const rest = tf.sub(tf.sub(upstream, level), along);
			return [tf.mul(rest, tf.mul(scale, inverse)), byScale, byOffset];
		},
	};
}
