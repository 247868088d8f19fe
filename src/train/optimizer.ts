import type { Tf } from "../engine/backend.ts";
import type { Parameters } from "../engine/tfjs/parameters.ts";
import type { OptimizerChoice } from "../experiment/types.ts";
import { adagrad } from "./optimizers/adagrad.ts";
import { adam } from "./optimizers/adam.ts";
import { rmsprop } from "./optimizers/rmsprop.ts";
import { sgd } from "./optimizers/sgd.ts";
import type { Optimizer } from "./optimizers/state.ts";

/** The optimizer that the file names; its state lives until `dispose`. */
export function openOptimizer(
	tf: Tf,
	parameters: Parameters,
	choice: OptimizerChoice,
): Optimizer {
	if ("sgd" in choice) return sgd(tf, parameters, choice.sgd);
	if ("adam" in choice) return adam(tf, parameters, choice.adam, "adam");
	if ("adamw" in choice) return adam(tf, parameters, choice.adamw, "adamw");
	if ("rmsprop" in choice) return rmsprop(tf, parameters, choice.rmsprop);
	return adagrad(tf, parameters, choice.adagrad);
}
