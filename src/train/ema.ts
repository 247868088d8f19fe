import type { Tf } from "../engine/backend.ts";
import type { Parameters } from "../engine/tfjs/parameters.ts";
import type { EmaOptions } from "../experiment/types.ts";
import type { Weights } from "../model/types.ts";

/** An average of the weights that follows them. */
export interface Average {
	/** After an optimizer step, within its tf.tidy. */
	readonly update: () => void;
	/** What `restore` takes: the averages by name, and how many steps they have seen (`ema_steps`, float64 []). Blocks until the device has them. */
	readonly tensors: () => Weights;
	readonly restore: (saved: Weights) => void;
}

const STEPS = "ema_steps";

/** timm's ModelEmaV3: 2/3 is its warmup_power, 1 its warmup_gamma. */
const WARMUP_POWER = 2 / 3;

/**
 * The share that the average keeps of itself at a step: 0 at the first, which copies the weights, as
 * torch.optim.swa_utils.AveragedModel does; then `decay`; with warmup at most 1 - (1 + step - 1)^(-2/3)
 * (timm 1.0, timm/utils/model_ema.py ModelEmaV3.get_decay with use_warmup).
 * @param step 1-based
 */
export function decayAt({ decay, warmup }: EmaOptions, step: number): number {
	if (step <= 1) return 0;
	if (!warmup) return decay;
	return Math.min(decay, 1 - step ** -WARMUP_POWER);
}

/**
 * e += (1 - decay) · (p - e) for what learns, buffers copied
 * (https://pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema: AveragedModel with get_ema_multi_avg_fn and
 * use_buffers=False).
 * @param averaged where the average is kept: parameters of their own, opened on the same weights
 */
export function openAverage(
	tf: Tf,
	options: EmaOptions,
	names: {
		readonly trainable: readonly string[];
		readonly buffers: readonly string[];
	},
	parameters: Parameters,
	averaged: Parameters,
): Average {
	let steps = 0;
	return {
		update() {
			steps++;
			const share = 1 - decayAt(options, steps);
			for (const name of names.trainable) {
				const e = averaged.get(name);
				const p = parameters.get(name);
				averaged.assign(
					name,
					share === 1 ? tf.clone(p) : tf.add(e, tf.mul(tf.sub(p, e), share)),
				);
			}
			for (const name of names.buffers)
				averaged.assign(name, tf.clone(parameters.get(name)));
		},
		tensors: () =>
			new Map([
				[STEPS, { dtype: "float64", shape: [], data: Float64Array.of(steps) }],
				...[...names.trainable, ...names.buffers].map(
					(name) => [name, averaged.read(name)] as const,
				),
			]),
		restore(saved) {
			for (const [name, value] of saved)
				if (name === STEPS) steps = Number(value.data[0]);
				else averaged.write(name, value);
		},
	};
}
