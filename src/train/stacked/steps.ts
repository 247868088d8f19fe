import type {
	AdagradOptions,
	AdamOptions,
	OptimizerChoice,
	RmspropOptions,
	SgdOptions,
} from "../../experiment/types.ts";
import type { Kernel, Matrix } from "./kernel/kernel.ts";

/** Changes one parameter by its gradient; counts its own steps. */
export type Step = (gradient: Matrix, learningRate: number) => void;

/** Matrices of the parameter's shape that an optimizer keeps. */
export function statesOf(choice: OptimizerChoice): number {
	if ("sgd" in choice || "adagrad" in choice) return 1;
	return "rmsprop" in choice ? 3 : 2;
}

/** The optimizer of one parameter: as src/train/optimizers, to the last bit. */
export function openStep(
	kernel: Kernel,
	value: Matrix,
	choice: OptimizerChoice,
): Step {
	const states = Array.from({ length: statesOf(choice) }, () =>
		kernel.matrix(value.rows, value.columns),
	);
	if ("sgd" in choice) return sgd(kernel, value, states, choice.sgd);
	if ("adam" in choice) return adam(kernel, value, states, choice.adam, false);
	if ("adamw" in choice) return adam(kernel, value, states, choice.adamw, true);
	if ("rmsprop" in choice)
		return rmsprop(kernel, value, states, choice.rmsprop);
	if ("adagrad" in choice)
		return adagrad(kernel, value, states, choice.adagrad);
	throw new Error("internal: the kernel has no such optimizer");
}

function sgd(
	kernel: Kernel,
	value: Matrix,
	states: readonly Matrix[],
	{ momentum, dampening, nesterov, weight_decay }: SgdOptions,
): Step {
	let isFirst = true;
	return (gradient, rate) => {
		const fresh = isFirst || momentum === 0 ? 1 : 1 - dampening;
		const own = nesterov ? 1 : 0;
		const past = nesterov ? momentum : 1;
		isFirst = false;
		kernel.step(
			"sgd",
			[weight_decay, momentum, fresh, own, past, rate],
			[value, gradient, ...states],
		);
	};
}

function adam(
	kernel: Kernel,
	value: Matrix,
	states: readonly Matrix[],
	{ betas: [beta1, beta2], eps, weight_decay }: AdamOptions,
	isDecoupled: boolean,
): Step {
	let t = 0;
	return (gradient, rate) => {
		t++;
		kernel.step(
			"adam",
			[
				isDecoupled ? 1 - rate * weight_decay : 1,
				isDecoupled ? 0 : weight_decay,
				1 - beta1,
				beta2,
				1 - beta2,
				Math.sqrt(1 - beta2 ** t),
				eps,
				rate / (1 - beta1 ** t),
			],
			[value, gradient, ...states],
		);
	};
}

function rmsprop(
	kernel: Kernel,
	value: Matrix,
	states: readonly Matrix[],
	{ alpha, eps, momentum, centered, weight_decay }: RmspropOptions,
): Step {
	return (gradient, rate) =>
		kernel.step(
			"rmsprop",
			[weight_decay, alpha, 1 - alpha, centered ? 1 : 0, eps, momentum, rate],
			[value, gradient, ...states],
		);
}

function adagrad(
	kernel: Kernel,
	value: Matrix,
	states: readonly Matrix[],
	{ lr_decay, initial_accumulator_value, eps, weight_decay }: AdagradOptions,
): Step {
	let t = 0;
	for (const { data } of states) data.fill(initial_accumulator_value);
	return (gradient, rate) => {
		kernel.step(
			"adagrad",
			[weight_decay, eps, rate / (1 + t * lr_decay)],
			[value, gradient, ...states],
		);
		t++;
	};
}
