import type { Tensor as TfTensor } from "@tensorflow/tfjs-core";
import { RunError } from "../../diagnostic.ts";
import type { Graph, Initializer, Tensor, Weights } from "../../model/types.ts";
import type { Tf } from "../backend.ts";

/** The initializers of one or more graphs on the tfjs device, each uploaded once and shared among the graphs. */
export interface Parameters {
	/** float32, uploaded when first asked for. It stays valid until `assign` or `dispose`. */
	readonly get: (name: string) => TfTensor;
	/** The transpose of a frozen rank-2 initializer, made when first asked for. */
	readonly transposed: (name: string) => TfTensor;
	readonly learns: (name: string) => boolean;
	/** Gives a trainable initializer its next value and takes ownership of it. */
	readonly assign: (name: string, value: TfTensor) => void;
	/** Reads a value back; blocks until the device has it. */
	readonly read: (name: string) => Tensor;
	readonly dispose: () => void;
}

/**
 * @param trainable uploaded at once; the others with the first step.
 * @throws RunError "weights-dtype" for values that are neither float32 nor float64 (in get).
 */
export function openParameters(
	tf: Tf,
	graphs: readonly Graph[],
	weights: Weights,
	trainable: readonly string[],
): Parameters {
	const initializers = new Map(
		graphs.flatMap(({ initializers }) =>
			initializers.map((item) => [item.name, item] as const),
		),
	);
	const learning = new Set(trainable);
	const tensors = new Map<string, TfTensor>();
	const turned = new Map<string, TfTensor>();

	function get(name: string): TfTensor {
		const known = tensors.get(name);
		if (known) return known;
		const initializer = initializers.get(name);
		if (!initializer)
			throw new Error(`internal: no graph has an initializer "${name}"`);
		const values = valuesOf(initializer, weights);
		const made = tf.keep(tf.tensor(values, [...initializer.shape], "float32"));
		tensors.set(name, made);
		return made;
	}

	function transposed(name: string): TfTensor {
		const known = turned.get(name);
		if (known) return known;
		const made = tf.keep(tf.transpose(get(name)));
		turned.set(name, made);
		return made;
	}

	function assign(name: string, value: TfTensor): void {
		if (!learning.has(name))
			throw new Error(`internal: "${name}" is frozen and cannot change`);
		tensors.get(name)?.dispose();
		tensors.set(name, tf.keep(value));
	}

	for (const name of trainable) get(name);
	return {
		get,
		transposed,
		learns: (name) => learning.has(name),
		assign,
		read: (name) => ({
			dtype: "float32",
			shape: initializers.get(name)?.shape ?? [],
			data: Float32Array.from(get(name).dataSync()),
		}),
		dispose() {
			for (const tensor of [...tensors.values(), ...turned.values()])
				tensor.dispose();
			tensors.clear();
			turned.clear();
		},
	};
}

function valuesOf(
	{ name, values }: Initializer,
	weights: Weights,
): Float32Array {
	if (values) return Float32Array.from(values);
	const tensor = weights.get(name);
	if (!tensor) throw new Error(`internal: no values for "${name}"`);
	if (tensor.data instanceof Float32Array) return tensor.data;
	if (tensor.data instanceof Float64Array)
		return Float32Array.from(tensor.data);
	throw new RunError(
		"weights-dtype",
		`the weight "${name}" is ${tensor.dtype}; training needs float32`,
		{ fix: "convert the weights file to float32" },
	);
}
