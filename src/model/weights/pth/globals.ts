import type { DType } from "../../types.ts";
import { BadPickle, RefusedPickle } from "./faults.ts";
import {
	describe,
	isKind,
	type PickleValue,
	type PyCallable,
	type PyTensor,
} from "./values.ts";

/** The names that a pickle of weights may ask for, and what each builds. All others are refused. */

/** torch/storage.py: the legacy types of storages. */
const STORAGES: Readonly<Record<string, DType>> = {
	FloatStorage: "float32",
	DoubleStorage: "float64",
	HalfStorage: "float16",
	BFloat16Storage: "bfloat16",
	LongStorage: "int64",
	IntStorage: "int32",
	ShortStorage: "int16",
	CharStorage: "int8",
	ByteStorage: "uint8",
	BoolStorage: "bool",
};

/** torch/_utils.py. */
const FUNCTIONS: Readonly<Record<string, PyCallable["call"]>> = {
	"collections.OrderedDict": orderedDict,
	"torch._utils._rebuild_tensor": rebuildTensor,
	"torch._utils._rebuild_tensor_v2": rebuildTensor,
	"torch._utils._rebuild_parameter": rebuildParameter,
};

/** @throws RefusedPickle with `module.name`. */
export function findGlobal(module: string, name: string): PyCallable {
	const whole = `${module}.${name}`;
	if (Object.hasOwn(FUNCTIONS, whole)) {
		const call = FUNCTIONS[whole];
		return { kind: "callable", name: whole, ...(call && { call }) };
	}
	const isStorage = module === "torch" || module === "torch.cuda";
	const dtype =
		isStorage && Object.hasOwn(STORAGES, name) ? STORAGES[name] : undefined;
	if (dtype === undefined) throw new RefusedPickle(whole);
	return { kind: "callable", name: whole, dtype };
}

/** `OrderedDict()`, or of a list of pairs, as Python 2 wrote it. */
function orderedDict(args: readonly PickleValue[]): PickleValue {
	const entries = new Map<PickleValue, PickleValue>();
	const [pairs] = args;
	if (args.length > 1 || (pairs !== undefined && !isKind(pairs, "list")))
		throw new BadPickle("an OrderedDict is made of something else than pairs");
	for (const pair of pairs?.items ?? []) {
		const [key, value, ...more] =
			isKind(pair, "tuple") || isKind(pair, "list") ? pair.items : [];
		if (key === undefined || value === undefined || more.length > 0)
			throw new BadPickle(
				"an OrderedDict is made of something else than pairs",
			);
		entries.set(key, value);
	}
	return { kind: "dict", entries };
}

/** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)`; without the last two in files of 2017. */
function rebuildTensor(args: readonly PickleValue[]): PyTensor {
	const [storage, offset, size, strides] = args;
	if (!isKind(storage, "storage"))
		throw new BadPickle(`a tensor is built on ${describe(storage)}`);
	const shape = sizes(size, "sizes");
	const stride = sizes(strides, "strides");
	if (!isSize(offset) || shape.length !== stride.length)
		throw new BadPickle(
			"a tensor has an offset, sizes and strides that do not fit",
		);
	const isEmpty = shape.includes(0);
	const last = shape.reduce(
		(at, dim, axis) => at + (dim - 1) * (stride[axis] as number),
		offset,
	);
	if (!isEmpty && !(last < storage.size))
		throw new BadPickle(
			`a tensor [${shape}] reaches element ${last} of a storage of ${storage.size}`,
		);
	return { kind: "tensor", storage, offset, shape, stride };
}

/** `_rebuild_parameter(data, requires_grad, hooks)`: the tensor. */
function rebuildParameter([data]: readonly PickleValue[]): PyTensor {
	if (!isKind(data, "tensor"))
		throw new BadPickle(`a parameter is built on ${describe(data)}`);
	return data;
}

function sizes(value: PickleValue | undefined, what: string): number[] {
	const items =
		isKind(value, "tuple") || isKind(value, "list") ? value.items : undefined;
	if (!items || items.length > 64 || !items.every(isSize))
		throw new BadPickle(`a tensor's ${what} are not whole numbers from 0 on`);
	return [...items];
}

/** A number from 0 on that can be counted with. */
export function isSize(value: PickleValue | undefined): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}
