import type { Tensor as TfTensor } from "@tensorflow/tfjs-core";
import { RunError } from "../../diagnostic.ts";
import type { Graph, Initializer, Tensor, Weights } from "../../model/types.ts";
import type { Tf } from "../backend.ts";
import { arranged, type Holding, restored } from "./holding.ts";

/** The initializers of one or more graphs on the tfjs device, each uploaded once and shared among the graphs. */
export interface Parameters {
	/** float32, uploaded when first asked for, as it is held. It stays valid until `assign`, `hold` or `dispose`. */
	readonly get: (name: string) => TfTensor;
	/** Holds an initializer with its dimensions in another order from now on; asked twice, the same must be meant. */
	readonly hold: (name: string, holding: Holding) => void;
	/** What is computed from frozen initializers alone, made when first asked for. */
	readonly derived: (key: string, make: () => TfTensor) => TfTensor;
	/** The transpose of a frozen rank-2 initializer, made when first asked for. */
	readonly transposed: (name: string) => TfTensor;
	readonly learns: (name: string) => boolean;
	/** Whether it is a running statistic that training changes without a gradient. */
	readonly isBuffer: (name: string) => boolean;
	/** Gives a trainable initializer or a buffer its next value, as it is held, and takes ownership of it. */
	readonly assign: (name: string, value: TfTensor) => void;
	/** Of a tensor laid out as the initializer is held, such as its gradient: the same in the model's order. */
	readonly restored: (name: string, tensor: TfTensor) => TfTensor;
	/** Reads a value back, in the model's order; blocks until the device has it. */
	readonly read: (name: string) => Tensor;
	/** Gives a trainable initializer or a buffer a value in the model's order. */
	readonly write: (name: string, value: Tensor) => void;
	readonly dispose: () => void;
}

/**
 * @param trainable uploaded at once; the others with the first step.
 * @param buffers running statistics that change in training.
 * @throws RunError "weights-dtype" for floats of other widths than 32 and 64 (in get).
 */
export function openParameters(
	tf: Tf,
	graphs: readonly Graph[],
	weights: Weights,
	trainable: readonly string[],
	buffers: readonly string[] = [],
): Parameters {
	const initializers = new Map(
		graphs.flatMap(({ initializers }) =>
			initializers.map((item) => [item.name, item] as const),
		),
	);
	const learning = new Set(trainable);
	const changing = new Set(buffers);
	const tensors = new Map<string, TfTensor>();
	const made = new Map<string, TfTensor>();
	const holdings = new Map<string, Holding>();

	function keep(name: string, value: TfTensor): TfTensor {
		tensors.get(name)?.dispose();
		tensors.set(name, tf.keep(value));
		return value;
	}

	function upload(name: string, values: Float32Array): TfTensor {
		const shape = initializers.get(name)?.shape ?? [];
		const holding = holdings.get(name);
		if (!holding) return keep(name, tf.tensor(values, [...shape], "float32"));
		const raw = tf.tensor(values, [...shape], "float32");
		const value = keep(name, arranged(tf, raw, holding));
		raw.dispose();
		return value;
	}

	function get(name: string): TfTensor {
		const known = tensors.get(name);
		if (known) return known;
		const initializer = initializers.get(name);
		if (!initializer)
			throw new Error(`internal: no graph has an initializer "${name}"`);
		return upload(name, valuesOf(initializer, weights));
	}

	function derived(key: string, make: () => TfTensor): TfTensor {
		const known = made.get(key);
		if (known) return known;
		const value = tf.keep(tf.tidy(make));
		made.set(key, value);
		return value;
	}

	function refuseFrozen(name: string): void {
		if (!learning.has(name) && !changing.has(name))
			throw new Error(`internal: "${name}" is frozen and cannot change`);
	}

	function toModel(name: string, tensor: TfTensor): TfTensor {
		const holding = holdings.get(name);
		const shape = initializers.get(name)?.shape ?? [];
		return holding ? restored(tf, tensor, shape, holding) : tensor;
	}

	function read(name: string): Tensor {
		const tensor = get(name);
		const own = toModel(name, tensor);
		const data = Float32Array.from(own.dataSync());
		const { shape } = own;
		if (own !== tensor) own.dispose();
		return { dtype: "float32", shape, data };
	}

	for (const name of trainable) get(name);
	return {
		get,
		hold(name, holding) {
			if (holdings.has(name)) return;
			const before = tensors.get(name);
			holdings.set(name, holding);
			if (before) keep(name, arranged(tf, before, holding));
		},
		derived,
		transposed: (name) =>
			derived(`transpose of ${name}`, () => tf.transpose(get(name))),
		learns: (name) => learning.has(name),
		isBuffer: (name) => changing.has(name),
		assign(name, value) {
			refuseFrozen(name);
			keep(name, value);
		},
		restored: toModel,
		read,
		write(name, { data }) {
			refuseFrozen(name);
			upload(name, Float32Array.from(data as Float32Array));
		},
		dispose() {
			for (const tensor of [...tensors.values(), ...made.values()])
				tensor.dispose();
			tensors.clear();
			made.clear();
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
	// Places and masks of an exported network, too many for constants of its structure.
	if (/int|bool/.test(tensor.dtype))
		return Float32Array.from(tensor.data as ArrayLike<number | bigint>, Number);
	throw new RunError(
		"weights-dtype",
		`the weight "${name}" is ${tensor.dtype}; training needs float32`,
		{ fix: "convert the weights file to float32" },
	);
}
