import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../engine/backend.ts";

/** Optimizers equal to torch.optim's, in the same order of float32 operations. */
export interface Optimizer {
	/** Changes the parameters that have a gradient. Call within tf.tidy. */
	readonly step: (
		gradients: ReadonlyMap<string, Tensor>,
		learningRate: number,
	) => void;
	readonly dispose: () => void;
}

/** One tensor per parameter that outlives the step it was computed in. */
export interface State {
	readonly get: (name: string) => Tensor | undefined;
	readonly set: (name: string, value: Tensor) => void;
	readonly dispose: () => void;
}

/** A state without tensors. */
export function openState(tf: Tf): State {
	const tensors = new Map<string, Tensor>();
	return {
		get: (name) => tensors.get(name),
		set(name, value) {
			tensors.get(name)?.dispose();
			tensors.set(name, tf.keep(value));
		},
		dispose() {
			for (const tensor of tensors.values()) tensor.dispose();
			tensors.clear();
		},
	};
}

/** g + decay · p: torch's weight_decay, but for AdamW's. */
export function decayed(tf: Tf, g: Tensor, p: Tensor, decay: number): Tensor {
	return decay === 0 ? g : tf.add(g, tf.mul(p, decay));
}

/** x · factor. */
export function scaled(tf: Tf, x: Tensor, factor: number): Tensor {
	return factor === 1 ? x : tf.mul(x, factor);
}
