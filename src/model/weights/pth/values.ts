import type { DType } from "../../types.ts";

/** What a pickle may hold here: plain data, containers, tensors. Nothing that runs. */
export type PickleValue =
	| null
	| boolean
	| number
	| bigint
	| string
	| Uint8Array
	| PyList
	| PyTuple
	| PyDict
	| PyStorage
	| PyTensor
	| PyCallable;

/** Python's list (and set, where it stands in for one). */
export interface PyList {
	readonly kind: "list";
	readonly items: PickleValue[];
}

/** Python's tuple. */
export interface PyTuple {
	readonly kind: "tuple";
	readonly items: readonly PickleValue[];
}

/** Python's dict or collections.OrderedDict, in order. */
export interface PyDict {
	readonly kind: "dict";
	readonly entries: Map<PickleValue, PickleValue>;
}

/** A torch storage: named in the pickle, its bytes elsewhere in the file. */
export interface PyStorage {
	readonly kind: "storage";
	readonly key: string;
	readonly dtype: DType;
	/** Elements. */
	readonly size: number;
}

/** A view of a storage; offset and strides in elements. */
export interface PyTensor {
	readonly kind: "tensor";
	readonly storage: PyStorage;
	readonly offset: number;
	readonly shape: readonly number[];
	readonly stride: readonly number[];
}

/** One of the few names that a pickle may ask for. */
export interface PyCallable {
	readonly kind: "callable";
	/** `module.name` */
	readonly name: string;
	/** Undefined: a mere name, such as a storage's type. */
	readonly call?: (args: readonly PickleValue[]) => PickleValue;
	/** Of a storage's type. */
	readonly dtype?: DType;
}

/** Whether a value is this kind of object. */
export function isKind<
	K extends "list" | "tuple" | "dict" | "storage" | "tensor" | "callable",
>(
	value: PickleValue | undefined,
	kind: K,
): value is Extract<PickleValue, { readonly kind: K }> {
	return (
		typeof value === "object" &&
		value !== null &&
		!(value instanceof Uint8Array) &&
		value.kind === kind
	);
}

/** What a value is called in a message. */
export function describe(value: PickleValue | undefined): string {
	if (value === undefined) return "nothing";
	if (value === null) return "None";
	if (value instanceof Uint8Array) return "bytes";
	if (typeof value !== "object") return `a ${typeof value}`;
	return value.kind === "callable" ? value.name : `a ${value.kind}`;
}
