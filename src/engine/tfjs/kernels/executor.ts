import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../backend.ts";
import type { Window } from "./types.ts";

/** Calls TensorFlow's kernels by name through tfjs-node's backend. */
export interface Executor {
	readonly one: (
		kernel: string,
		inputs: readonly Tensor[],
		attributes: readonly OpAttribute[],
	) => Tensor;
	readonly many: (
		kernel: string,
		inputs: readonly Tensor[],
		attributes: readonly OpAttribute[],
		outputs: number,
	) => readonly Tensor[];
	/** Words are types where they are called float32, numbers are integers; `T` comes first unless `typed` is false. */
	readonly attributes: (
		values: Readonly<Record<string, AttributeValue>>,
		typed?: boolean,
	) => readonly OpAttribute[];
	/** The attribute `shape`. */
	readonly shapeAttribute: (shape: readonly number[]) => OpAttribute;
	/** Those of a convolution over a map, [n, h, w, c], with a filter, [h, w, …]. */
	readonly window: (
		window: Window,
		map: readonly number[],
		filter: readonly number[],
	) => readonly OpAttribute[];
	/** Those of a pool. */
	readonly pool: (
		kernel: readonly [number, number],
		window: Window,
	) => readonly OpAttribute[];
	/** A shape as an input. */
	readonly shape: (shape: readonly number[]) => Tensor;
}

/** An attribute as tfjs-node's binding takes it. */
export interface OpAttribute {
	readonly name: string;
	readonly type: number;
	readonly value: unknown;
}

type AttributeValue =
	| string
	| boolean
	| number
	| readonly number[]
	| { readonly float: number };

/** What tfjs-node's backend has beyond tfjs's own interface. */
interface NodeBackend {
	readonly binding: Readonly<Record<string, number>>;
	readonly executeSingleOutput: (
		name: string,
		attributes: readonly OpAttribute[],
		inputs: readonly Tensor[],
	) => Tensor;
	readonly executeMultipleOutputs: (
		name: string,
		attributes: readonly OpAttribute[],
		inputs: readonly Tensor[],
		outputs: number,
	) => readonly Tensor[];
}

/** Whether the open backend is TensorFlow itself. */
export function isNative(tf: Tf): boolean {
	const backend = tf.backend() as unknown as Partial<NodeBackend>;
	return (
		tf.getBackend() === "tensorflow" &&
		typeof backend.executeMultipleOutputs === "function"
	);
}

/** For a backend that isNative. */
export function openExecutor(tf: Tf): Executor {
	const backend = tf.backend() as unknown as NodeBackend;
	const { binding } = backend;
	const windows = new WeakMap<Window, readonly OpAttribute[]>();
	const shapes = new Map<string, Tensor>();

	function attributeOf(name: string, value: AttributeValue): OpAttribute {
		if (value === "float32")
			return { name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
		if (typeof value === "string")
			return { name, type: binding.TF_ATTR_STRING, value };
		if (typeof value === "boolean")
			return { name, type: binding.TF_ATTR_BOOL, value };
		if (typeof value === "object" && "float" in value)
			return { name, type: binding.TF_ATTR_FLOAT, value: value.float };
		return { name, type: binding.TF_ATTR_INT, value };
	}

	const attributes: Executor["attributes"] = (values, typed = true) =>
		Object.entries(typed ? { T: "float32", ...values } : values).map(
			([name, value]) => attributeOf(name, value),
		);

	/** Padding by its name where it has one: TensorFlow has faster ways for these. */
	function moving({ strides, pads }: Window, isSame: boolean) {
		const isPadded = Math.max(...pads) > 0 && !isSame;
		const [top, bottom, left, right] = pads;
		return {
			strides: [1, ...strides, 1],
			padding: isSame ? "SAME" : isPadded ? "EXPLICIT" : "VALID",
			data_format: "NHWC",
			explicit_paddings: isPadded ? [0, 0, top, bottom, left, right, 0, 0] : [],
		};
	}

	return {
		one: (kernel, inputs, attributes) =>
			backend.executeSingleOutput(kernel, attributes, inputs),
		many: (kernel, inputs, attributes, outputs) =>
			backend.executeMultipleOutputs(kernel, attributes, inputs, outputs),
		attributes,
		shapeAttribute: (value) => ({
			...{ name: "shape", type: binding.TF_ATTR_SHAPE as number, value },
		}),
		window(window, map, filter) {
			const known = windows.get(window);
			if (known) return known;
			const made = attributes({
				...moving(window, isSame(window, map, filter)),
				dilations: [1, ...window.dilations, 1],
			});
			windows.set(window, made);
			return made;
		},
		pool: (kernel, window) =>
			attributes({ ...moving(window, false), ksize: [1, ...kernel, 1] }),
		shape(shape) {
			const key = shape.join();
			const known = shapes.get(key);
			if (known && !known.isDisposed) return known;
			const made = tf.tensor1d([...shape], "int32");
			shapes.set(key, made);
			return made;
		},
	};
}

/** Whether the padding is what TensorFlow calls SAME for such a map (https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2). */
export function isSame(
	{ strides, pads }: Window,
	[, height = 0, width = 0]: readonly number[],
	[kh = 0, kw = 0]: readonly number[],
): boolean {
	const fits = (size: number, kernel: number, axis: 0 | 1) => {
		const stride = strides[axis];
		const reach = (Math.ceil(size / stride) - 1) * stride + kernel;
		const total = Math.max(0, reach - size);
		const begin = Math.floor(total / 2);
		return pads[2 * axis] === begin && pads[2 * axis + 1] === total - begin;
	};
	return fits(height, kh, 0) && fits(width, kw, 1);
}
