import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { SgdOptions } from "../../experiment/types.ts";
import {
	decayed,
	type Optimizer,
	openOptimizerOf,
	scaled,
	type Update,
} from "./state.ts";

/**
 * g += weight_decay · p;  v = momentum · v + (1 - dampening) · g, at first v = g;  p -= lr · (nesterov ? g + momentum · v : v)
 * (https://pytorch.org/docs/stable/generated/torch.optim.SGD.html)
 */
export function sgd(
	tf: Tf,
	parameters: Parameters,
	options: SgdOptions,
): Optimizer {
	return openOptimizerOf(tf, parameters, {
		weightDecay: options.weight_decay,
		update: (update) =>
			momentumStep(
				update,
				decayed(tf, update.g, update.p, update.weightDecay),
				options,
			),
	});
}

/** SGD's step along `g`, decay aside. */
export function momentumStep(
	{ tf, p, learningRate, get, set, inPlace }: Update,
	g: Tensor,
	{
		momentum,
		dampening,
		nesterov,
	}: Pick<SgdOptions, "momentum" | "dampening" | "nesterov">,
): Tensor {
	if (momentum === 0)
		return inPlace
			? inPlace.descend(p, g, learningRate)
			: tf.sub(p, tf.mul(g, learningRate));
	const before = get("momentum_buffer");
	if (inPlace && before) {
		const by = { learningRate, momentum, nesterov };
		const fresh = scaled(tf, g, 1 - dampening);
		// nesterov looks at the gradient as it came, which dampening 0 leaves alone: torch refuses another one beside it.
		const { p: next, v } = inPlace.momentum(p, before, fresh, by);
		set("momentum_buffer", v);
		return next;
	}
	// A large layer's products are freed one by one.
	const v = before
		? tf.tidy(() =>
				tf.add(tf.mul(before, momentum), scaled(tf, g, 1 - dampening)),
			)
		: tf.clone(g);
	set("momentum_buffer", v);
	const step = nesterov ? tf.add(g, tf.mul(v, momentum)) : v;
	return tf.sub(p, tf.mul(step, learningRate));
}
