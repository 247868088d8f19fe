import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../engine/backend.ts";
import type { Parameters } from "../engine/tfjs/parameters.ts";
import type {
	AdamOptions,
	SgdOptions,
	TrainOptions,
} from "../experiment/types.ts";

/** Optimizers equal to torch.optim's, in the same order of float32 operations. */
export interface Optimizer {
	/** Changes the parameters that have a gradient. Call within tf.tidy. */
	readonly step: (
		gradients: ReadonlyMap<string, Tensor>,
		learningRate: number,
	) => void;
	readonly dispose: () => void;
}

/** The optimizer that the file names; its state lives until `dispose`. */
export function openOptimizer(
	tf: Tf,
	parameters: Parameters,
	options: TrainOptions["optimizer"],
): Optimizer {
	return "sgd" in options
		? sgd(tf, parameters, options.sgd)
		: adam(tf, parameters, options.adam);
}

/**
 * g += weight_decay · p;  v = momentum · v + (1 - dampening) · g, at first v = g;  p -= lr · (nesterov ? g + momentum · v : v)
 * (https://pytorch.org/docs/stable/generated/torch.optim.SGD.html)
 */
function sgd(tf: Tf, parameters: Parameters, options: SgdOptions): Optimizer {
	const { momentum, dampening, nesterov, weight_decay } = options;
	const velocity = openState(tf);

	function step(gradients: ReadonlyMap<string, Tensor>, learningRate: number) {
		for (const [name, gradient] of gradients) {
			const p = parameters.get(name);
			let g = decayed(tf, gradient, p, weight_decay);
			if (momentum !== 0) {
				const before = velocity.get(name);
				const v = before
					? tf.add(tf.mul(before, momentum), scaled(tf, g, 1 - dampening))
					: tf.clone(g);
				velocity.set(name, v);
				g = nesterov ? tf.add(g, tf.mul(v, momentum)) : v;
			}
			parameters.assign(name, tf.sub(p, tf.mul(g, learningRate)));
		}
	}

	return { step, dispose: velocity.dispose };
}

/**
 * g += weight_decay · p;  m += (1 - b1) · (g - m);  v = b2 · v + (1 - b2) · g²;
 * p -= lr / (1 - b1^t) · m / (sqrt(v) / sqrt(1 - b2^t) + eps)
 * (https://pytorch.org/docs/stable/generated/torch.optim.Adam.html)
 */
function adam(tf: Tf, parameters: Parameters, options: AdamOptions): Optimizer {
	const { betas, eps, weight_decay } = options;
	const [beta1, beta2] = betas;
	const first = openState(tf);
	const second = openState(tf);
	const steps = new Map<string, number>();

	function step(gradients: ReadonlyMap<string, Tensor>, learningRate: number) {
		for (const [name, gradient] of gradients) {
			const p = parameters.get(name);
			const g = decayed(tf, gradient, p, weight_decay);
			const t = (steps.get(name) ?? 0) + 1;
			steps.set(name, t);
			const m0 = first.get(name);
			const v0 = second.get(name);
			const m = m0
				? tf.add(m0, tf.mul(tf.sub(g, m0), 1 - beta1))
				: tf.mul(g, 1 - beta1);
			const fresh = tf.mul(tf.mul(g, g), 1 - beta2);
			const v = v0 ? tf.add(tf.mul(v0, beta2), fresh) : fresh;
			first.set(name, m);
			second.set(name, v);
			const root = tf.div(tf.sqrt(v), Math.sqrt(1 - beta2 ** t));
			const size = learningRate / (1 - beta1 ** t);
			parameters.assign(
				name,
				tf.sub(p, tf.mul(tf.div(m, tf.add(root, eps)), size)),
			);
		}
	}

	return {
		step,
		dispose() {
			first.dispose();
			second.dispose();
		},
	};
}

function decayed(tf: Tf, g: Tensor, p: Tensor, decay: number): Tensor {
	return decay === 0 ? g : tf.add(g, tf.mul(p, decay));
}

function scaled(tf: Tf, x: Tensor, factor: number): Tensor {
	return factor === 1 ? x : tf.mul(x, factor);
}

/** One tensor per parameter that outlives the step it was computed in. */
function openState(tf: Tf) {
	const tensors = new Map<string, Tensor>();
	return {
		get: (name: string) => tensors.get(name),
		set(name: string, value: Tensor) {
			tensors.get(name)?.dispose();
			tensors.set(name, tf.keep(value));
		},
		dispose() {
			for (const tensor of tensors.values()) tensor.dispose();
			tensors.clear();
		},
	};
}
