import type {
	Experiment,
	OptimizerChoice,
	TrainOptions,
} from "../../experiment/types.ts";

/** Optimizers that the kernel of stacked heads has. */
const KERNELS: readonly string[] = [
	"sgd",
	"adam",
	"adamw",
	"rmsprop",
	"adagrad",
];

/**
 * Whether heads with these options can be trained side by side. Parameter groups, layer decay and what keeps out of
 * weight decay can; the optimizers that only src/train/optimizers has, accumulation and the average of the weights
 * cannot.
 */
export function stacksWith({
	optimizer,
	accumulate = 1,
	ema,
}: TrainOptions): boolean {
	return accumulate === 1 && ema === undefined && isKernels(optimizer);
}

/** The same of a whole experiment: side by side, heads are trained on the cpu. */
export function isStackable({
	train,
	device = "auto",
}: Pick<Experiment, "train" | "device">): boolean {
	return device !== "gpu" && device !== "webgpu" && stacksWith(train);
}

function isKernels(choice: OptimizerChoice): boolean {
	const [[name, options]] = Object.entries(choice) as [
		[string, { readonly amsgrad?: boolean }],
	];
	return KERNELS.includes(name) && options.amsgrad !== true;
}
