import type { Tf } from "../engine/backend.ts";
import type { Parameters } from "../engine/tfjs/parameters.ts";
import type { OptimizerChoice } from "../experiment/types.ts";
import { adagrad } from "./optimizers/adagrad.ts";
import { adam } from "./optimizers/adam.ts";
import { lamb } from "./optimizers/lamb.ts";
import { lars } from "./optimizers/lars.ts";
import { nadam } from "./optimizers/nadam.ts";
import { radam } from "./optimizers/radam.ts";
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
	if ("nadam" in choice) return nadam(tf, parameters, choice.nadam);
	if ("radam" in choice) return radam(tf, parameters, choice.radam);
	if ("rmsprop" in choice) return rmsprop(tf, parameters, choice.rmsprop);
	if ("lars" in choice) return lars(tf, parameters, choice.lars);
	if ("lamb" in choice) return lamb(tf, parameters, choice.lamb);
	return adagrad(tf, parameters, choice.adagrad);
}
