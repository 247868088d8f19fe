import type { Tensor } from "@tensorflow/tfjs-core";
import type { Update } from "./state.ts";

/** The running means that Adam and its kin keep, after this step's gradient. */
export interface Moments {
	/** exp_avg: m += (1 - b1) · (g - m). */
	readonly m: Tensor;
	/** exp_avg_sq: v = b2 · v + (1 - b2) · g². */
	readonly v: Tensor;
}

/**
 * Brings both means up to date, from zeros at the first step, in torch's order of operations.
 * @param share of the gradient that the first mean takes; 1 - b1 unless given
 */
export function updateMoments(
	{ tf, get, set }: Pick<Update, "tf" | "get" | "set">,
	g: Tensor,
	[beta1, beta2]: readonly [number, number],
	share = 1 - beta1,
): Moments {
	const m0 = get("exp_avg");
	const v0 = get("exp_avg_sq");
	const m =
		m0 === undefined
			? tf.mul(g, share)
			: share === 1 - beta1
				? tf.add(m0, tf.mul(tf.sub(g, m0), share))
				: tf.add(tf.mul(m0, beta1), tf.mul(g, share));
	const fresh = tf.mul(tf.mul(g, g), 1 - beta2);
	const v = v0 ? tf.add(tf.mul(v0, beta2), fresh) : fresh;
	set("exp_avg", m);
	set("exp_avg_sq", v);
	return { m, v };
}
