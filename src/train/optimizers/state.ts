import type { Tensor as TfTensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../engine/backend.ts";
import {
	IN_PLACE_SIZE,
	type InPlace,
	openInPlace,
} from "../../engine/tfjs/kernels/in-place.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { Tensor, Weights } from "../../model/types.ts";

/** With what one parameter takes its step. */
export interface Rate {
	readonly learningRate: number;
	/** Undefined: the optimizer's own. */
	readonly weightDecay?: number;
}

/** By a parameter's name, for the step that is about to be taken. */
export type RateOf = (parameter: string) => Rate;

/** Optimizers equal to torch.optim's, in the same order of float32 operations. */
export interface Optimizer {
	/** Changes the parameters that have a gradient. Call within tf.tidy. */
	readonly step: (
		gradients: ReadonlyMap<string, TfTensor>,
		rateOf: RateOf,
	) => void;
	/**
	 * What it remembers, by torch's names for it and the parameter's: `exp_avg.fc.weight` float32 of the parameter's
	 * shape, `step.fc.weight` float64 []. Blocks until the device has them.
	 */
	readonly tensors: () => Weights;
	/** Puts back what `tensors` gave; what is missing is forgotten. Not within tf.tidy's reach: the state is kept. */
	readonly restore: (tensors: Weights) => void;
	readonly dispose: () => void;
}

/** What one parameter's step is computed from. */
export interface Update {
	readonly tf: Tf;
	/** The parameter before the step. */
	readonly p: TfTensor;
	/** Its gradient, not decayed. */
	readonly g: TfTensor;
	readonly learningRate: number;
	readonly weightDecay: number;
	/** Steps this parameter has taken, this one included. */
	readonly t: number;
	readonly get: (kind: string) => TfTensor | undefined;
	/** Remembers a tensor until the next step; takes ownership of it. */
	readonly set: (kind: string, value: TfTensor) => void;
	/** Where the backend can, for a parameter that is worth it: p and what `get` gave may be handed over to it. */
	readonly inPlace: InPlace | undefined;
}

/** What `openOptimizerOf` needs to know of an optimizer. */
export interface Rule {
	readonly weightDecay: number;
	/** The parameter after the step. Called within tf.tidy. */
	readonly update: (update: Update) => TfTensor;
	/** Changes all gradients of a step before any parameter. */
	readonly prepare?: (
		gradients: ReadonlyMap<string, TfTensor>,
	) => ReadonlyMap<string, TfTensor>;
}

/** An optimizer that steps one parameter after the other and keeps some tensors for each. */
export function openOptimizerOf(
	tf: Tf,
	parameters: Parameters,
	{ weightDecay, update, prepare = (gradients) => gradients }: Rule,
): Optimizer {
	const inPlace = openInPlace(tf);
	const states = new Map<string, TfTensor>();
	const steps = new Map<string, number>();

	function set(key: string, value: TfTensor): void {
		states.get(key)?.dispose();
		states.set(key, tf.keep(value));
	}

	function forget(): void {
		for (const tensor of states.values()) tensor.dispose();
		states.clear();
		steps.clear();
	}

	return {
		step(gradients, rateOf) {
			for (const [name, g] of prepare(gradients)) {
				const rate = rateOf(name);
				const t = (steps.get(name) ?? 0) + 1;
				steps.set(name, t);
				// What a large layer's step needs on the way is freed before the next.
				const p = tf.tidy(() =>
					update({
						tf,
						p: parameters.get(name),
						g,
						learningRate: rate.learningRate,
						weightDecay: rate.weightDecay ?? weightDecay,
						t,
						get: (kind) => states.get(`${kind}.${name}`),
						set: (kind, value) => set(`${kind}.${name}`, value),
						inPlace: g.size < IN_PLACE_SIZE ? undefined : inPlace,
					}),
				);
				parameters.assign(name, p);
			}
		},
		tensors() {
			const saved = new Map<string, Tensor>();
			for (const [name, t] of steps)
				saved.set(`${STEP}${name}`, {
					dtype: "float64",
					shape: [],
					data: Float64Array.of(t),
				});
			for (const [key, tensor] of states)
				saved.set(key, {
					dtype: "float32",
					shape: tensor.shape,
					data: Float32Array.from(tensor.dataSync()),
				});
			return saved;
		},
		restore(tensors) {
			forget();
			for (const [key, { shape, data }] of tensors)
				if (key.startsWith(STEP))
					steps.set(key.slice(STEP.length), Number(data[0]));
				else set(key, tf.tensor(data as Float32Array, [...shape], "float32"));
		},
		dispose() {
			forget();
			inPlace?.dispose();
		},
	};
}

const STEP = "step.";

/** g + decay · p: torch's weight_decay, but for AdamW's. */
export function decayed(
	tf: Tf,
	g: TfTensor,
	p: TfTensor,
	decay: number,
): TfTensor {
	return decay === 0 ? g : tf.add(g, tf.mul(p, decay));
}

/** x · factor. */
export function scaled(tf: Tf, x: TfTensor, factor: number): TfTensor {
	return factor === 1 ? x : tf.mul(x, factor);
}
