import { dtypeOfOnnx, sizeOf } from "../dtypes.ts";
import type { DType } from "../types.ts";
import {
	broadcast,
	type Known,
	MAX_VALUES,
	type NodeView,
	type Rule,
} from "./rule.ts";

/** Operators that keep the shape of their first input, and those that broadcast; small constants are computed. */

const SAME_SHAPE = [
	..."LeakyRelu Sigmoid HardSigmoid HardSwish Tanh Erf Exp Log Elu Selu Celu Gelu Mish Softplus Softsign".split(
		" ",
	),
	..."ThresholdedRelu Swish QuickGelu FastGelu Softmax LogSoftmax Hardmax Dropout Identity Reciprocal Sin Cos".split(
		" ",
	),
	..."BatchNormalization InstanceNormalization LayerNormalization GroupNormalization RMSNormalization LRN".split(
		" ",
	),
	..."LpNormalization MeanVarianceNormalization CumSum Trilu ScatterND ScatterElements".split(
		" ",
	),
];

const same: Rule = (view) => {
	const { shape, dtype } = view.input(0);
	return [{ shape, dtype }];
};

/** Identity and Dropout outside training pass values on too. */
const pass: Rule = (view) => [
	view.input(0),
	{ shape: view.input(0).shape, dtype: "bool" },
];

const cast: Rule = (view) => {
	const { shape, values } = view.input(0);
	const dtype = dtypeOfOnnx(view.int("to", 1));
	const whole = dtype !== undefined && /int/.test(dtype);
	return [{ shape, dtype, values: whole ? values?.map(Math.trunc) : values }];
};

const castLike: Rule = (view) => [
	{ ...view.input(0), dtype: view.input(1).dtype },
];

const quantize: Rule = (view) => [
	{ shape: view.input(0).shape, dtype: view.input(2).dtype ?? "uint8" },
];

const dequantize: Rule = (view) => [
	{ shape: view.input(0).shape, dtype: view.input(1).dtype },
];

const isBool: Rule = (view) => [{ shape: view.input(0).shape, dtype: "bool" }];

function unary(compute: (x: number) => number): Rule {
	return (view) => {
		const { shape, dtype, values } = view.input(0);
		return [{ shape, dtype, values: values?.map(compute) }];
	};
}

/** Bounds are inputs since opset 11, attributes before; a missing one bounds nothing. */
const clip: Rule = (view) => {
	const { shape, dtype, values } = view.input(0);
	const [low, high] = [
		boundOf(view, 1, "min", Number.NEGATIVE_INFINITY),
		boundOf(view, 2, "max", Number.POSITIVE_INFINITY),
	];
	if (low === undefined || high === undefined) return [{ shape, dtype }];
	const within = (x: number) => Math.min(Math.max(x, low), high);
	return [{ shape, dtype, values: values?.map(within) }];
};

/** Undefined where it is computed from something unknown. */
function boundOf(
	view: NodeView,
	index: number,
	attribute: string,
	otherwise: number,
): number | undefined {
	if (view.node.inputs[index]) return view.input(index).values?.[0];
	const given = view.node.attributes[attribute];
	return typeof given === "number" ? given : otherwise;
}

type Compute = (numbers: readonly number[], dtype: DType | undefined) => number;

/** Broadcasts all inputs; `dtype` overrides that of the first. */
function variadic(compute?: Compute, dtype?: DType, first = 0): Rule {
	return (view) => {
		const inputs = view.node.inputs.map((_, index) => view.input(index));
		const outDtype = dtype ?? inputs[first]?.dtype;
		let shape = inputs[0]?.shape;
		for (const input of inputs.slice(1))
			shape = shape && input.shape && broadcast(shape, input.shape);
		if (!shape) return [{ dtype: outDtype }];
		return [
			{
				shape,
				dtype: outDtype,
				values: compute && fold(inputs, shape, compute),
			},
		];
	};
}

function fold(
	inputs: readonly Known[],
	shape: readonly number[],
	compute: Compute,
): readonly number[] | undefined {
	const size = sizeOf(shape);
	if (size > MAX_VALUES || inputs.some(({ values }) => !values))
		return undefined;
	return Array.from({ length: size }, (_, index) =>
		compute(
			inputs.map((input) => elementAt(input, shape, index)),
			inputs[0]?.dtype,
		),
	);
}

/** The element of a broadcast input that lands at `index` of the result. */
function elementAt(
	{ shape = [], values = [] }: Known,
	result: readonly number[],
	index: number,
): number {
	let rest = index;
	let offset = 0;
	let stride = 1;
	for (let axis = result.length - 1; axis >= 0; axis--) {
		const size = result[axis] ?? 1;
		const own = shape[shape.length - result.length + axis] ?? 1;
		if (own !== 1) offset += (rest % size) * stride;
		stride *= own;
		rest = Math.floor(rest / size);
	}
	return values[offset] ?? 0;
}

const pair =
	(compute: (a: number, b: number) => number): Compute =>
	([a = 0, b = 0]) =>
		compute(a, b);

const divide: Compute = ([a = 0, b = 1], dtype) =>
	dtype && /int/.test(dtype) ? Math.trunc(a / b) : a / b;

/** Operators that work element by element, with broadcasting. */
export const ELEMENTWISE_RULES: Readonly<Record<string, Rule>> = {
	...Object.fromEntries(SAME_SHAPE.map((op) => [op, same])),
	Identity: pass,
	Dropout: pass,
	Clip: clip,
	Relu: unary((x) => Math.max(x, 0)),
	Cast: cast,
	CastLike: castLike,
	QuantizeLinear: quantize,
	DequantizeLinear: dequantize,
	Neg: unary((x) => -x),
	Abs: unary(Math.abs),
	Sqrt: unary(Math.sqrt),
	Floor: unary(Math.floor),
	Ceil: unary(Math.ceil),
	Round: same,
	Sign: unary(Math.sign),
	IsNaN: isBool,
	IsInf: isBool,
	Not: unary((x) => (x === 0 ? 1 : 0)),
	Add: variadic(pair((a, b) => a + b)),
	Sub: variadic(pair((a, b) => a - b)),
	Mul: variadic(pair((a, b) => a * b)),
	Div: variadic(divide),
	Pow: variadic(pair((a, b) => a ** b)),
	Mod: variadic(pair((a, b) => ((a % b) + b) % b)),
	PRelu: variadic(),
	Min: variadic((numbers) => Math.min(...numbers)),
	Max: variadic((numbers) => Math.max(...numbers)),
	Sum: variadic(),
	Mean: variadic(),
	Equal: variadic(
		pair((a, b) => (a === b ? 1 : 0)),
		"bool",
	),
	Greater: variadic(
		pair((a, b) => (a > b ? 1 : 0)),
		"bool",
	),
	GreaterOrEqual: variadic(
		pair((a, b) => (a >= b ? 1 : 0)),
		"bool",
	),
	Less: variadic(
		pair((a, b) => (a < b ? 1 : 0)),
		"bool",
	),
	LessOrEqual: variadic(
		pair((a, b) => (a <= b ? 1 : 0)),
		"bool",
	),
	And: variadic(
		pair((a, b) => (a && b ? 1 : 0)),
		"bool",
	),
	Or: variadic(
		pair((a, b) => (a || b ? 1 : 0)),
		"bool",
	),
	Xor: variadic(
		pair((a, b) => (a !== b ? 1 : 0)),
		"bool",
	),
	Where: variadic(([test, yes = 0, no = 0]) => (test ? yes : no), undefined, 1),
};
