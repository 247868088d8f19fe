import { FLOAT } from "../builder.ts";
import { orderOf, raised } from "../order.ts";
import { type Convert, made, type Place, Refusal } from "../place.ts";
import type { NodeDef, Value } from "../types.ts";

/** Element by element: maps stay in the order in which they come. */

/** Steps from a tensor of one order to another of the same. */
type Steps = (
	place: Place,
	x: string,
	step: (
		op: string,
		inputs: readonly string[],
		attr?: NodeDef["attr"],
	) => string,
) => string;

/** The last step bears the layer's name. */
function unary(steps: Steps, isPositive = false): Convert {
	return (place) => {
		const { net, node } = place;
		const value = place.input(0);
		const step = (
			op: string,
			inputs: readonly string[],
			attr?: NodeDef["attr"],
		) => net.add(op, node.layer, inputs, attr);
		const name = steps(place, net.inOrder(value, value.nhwc), step);
		return made(name, place.shape(), value.nhwc, isPositive);
	};
}

/** One operator of the same meaning. */
export function same(op: string, isPositive = false): Convert {
	return unary((_place, x, step) => step(op, [x]), isPositive);
}

/** Two or more inputs that broadcast, combined from the left. */
export function broadcasting(op: string): Convert {
	return (place) => {
		const { net, node, count } = place;
		const values = Array.from({ length: count }, (_, index) =>
			place.input(index),
		);
		const nhwc = orderOf(values);
		const [first = "", ...rest] = values.map((value) =>
			raised(place, value, nhwc),
		);
		const name = rest.reduce(
			(left, right) => net.add(op, node.layer, [left, right]),
			first,
		);
		const isPositive =
			["AddV2", "Mul", "Maximum"].includes(op) &&
			values.every((value) => value.isPositive);
		return made(name, place.shape(), nhwc, isPositive);
	};
}

/** Where, whose condition broadcasts too. */
export const where: Convert = (place) => {
	const values = [0, 1, 2].map(place.input);
	const nhwc = orderOf(values);
	const inputs = values.map((value) => raised(place, value, nhwc));
	const name = place.net.add("SelectV2", place.node.layer, inputs);
	return made(name, place.shape(), nhwc);
};

/** The mean of all inputs. */
export const mean: Convert = (place) => {
	const total = broadcasting("AddV2")(place) as Value;
	const { net, node, count } = place;
	const share = net.float(1 / count);
	return { ...total, node: net.add("Mul", node.layer, [total.node, share]) };
};

export const identity: Convert = (place) => place.input(0);

/** Bounds are constants, inputs since opset 11. */
export const clip: Convert = (place) => {
	const bound = (index: number, word: string, otherwise: number) => {
		const value = place.given(index);
		if (value === undefined) return place.number(word, otherwise);
		if (value.constant === undefined)
			throw new Refusal("has a bound that is computed from the photos");
		return value.constant.data[0] as number;
	};
	const low = bound(1, "min", Number.NEGATIVE_INFINITY);
	const high = bound(2, "max", Number.POSITIVE_INFINITY);
	return unary((_place, x, step) => {
		const { float } = place.net;
		if (low === 0 && high === Number.POSITIVE_INFINITY)
			return step("Relu", [x]);
		if (low === 0 && high === 6) return step("Relu6", [x]);
		return step("ClipByValue", [x, float(low), float(high)]);
	}, low >= 0)(place);
};

/** max(0, min(1, alpha x + beta)). */
export const hardSigmoid = unary(({ net, number }, x, step) => {
	const scaled = step("Mul", [x, net.float(number("alpha", 0.2))]);
	const moved = step("AddV2", [scaled, net.float(number("beta", 0.5))]);
	return step("ClipByValue", [moved, net.float(0), net.float(1)]);
}, true);

/** x · Relu6(x + 3) / 6. */
export const hardSwish = unary(({ net }, x, step) => {
	const gate = step("Relu6", [step("AddV2", [x, net.float(3)])]);
	return step("Mul", [x, step("Mul", [gate, net.float(1 / 6)])]);
});

export const leakyRelu = unary(({ number }, x, step) =>
	step("LeakyRelu", [x], { T: FLOAT, alpha: { f: number("alpha", 0.01) } }),
);

/** x sigmoid(alpha x). */
export const swish = unary(({ net, number }, x, step) => {
	const alpha = number("alpha", 1);
	const scaled = alpha === 1 ? x : step("Mul", [x, net.float(alpha)]);
	return step("Mul", [x, step("Sigmoid", [scaled])]);
});

/** x Φ(x), by erf or by tanh. */
export const gelu = unary(({ net, node }, x, step) => {
	const half = (share: string) =>
		step("Mul", [step("Mul", [x, net.float(0.5)]), share]);
	const one = (y: string) => step("AddV2", [y, net.float(1)]);
	if (node.attributes.approximate !== "tanh")
		return half(one(step("Erf", [step("Mul", [x, net.float(Math.SQRT1_2)])])));
	const cube = step("Mul", [step("Square", [x]), net.float(0.044715)]);
	const inner = step("Mul", [
		step("Mul", [x, one(cube)]),
		net.float(Math.sqrt(2 / Math.PI)),
	]);
	return half(one(step("Tanh", [inner])));
});

/** x · tanh(softplus(x)). */
export const mish = unary((_place, x, step) =>
	step("Mul", [x, step("Tanh", [step("Softplus", [x])])]),
);

/** x / (1 + |x|). */
export const softsign = unary(({ net }, x, step) =>
	step("RealDiv", [x, step("AddV2", [step("Abs", [x]), net.float(1)])]),
);

/** Elu with another alpha than 1: where positive x, else alpha (exp(x) - 1). */
export const elu = unary(({ net, number }, x, step) => {
	const alpha = number("alpha", 1);
	if (alpha === 1) return step("Elu", [x]);
	const under = step("Expm1", [step("Minimum", [x, net.float(0)])]);
	return step("AddV2", [
		step("Relu", [x]),
		step("Mul", [under, net.float(alpha)]),
	]);
});

/** The slope broadcasts. */
export const pRelu: Convert = (place) => {
	const values = [0, 1].map(place.input);
	const nhwc = orderOf(values);
	const inputs = values.map((value) => raised(place, value, nhwc));
	const name = place.net.add("Prelu", place.node.layer, inputs);
	return made(name, place.shape(), nhwc);
};

/** To float32, int32 or bool; float to float is nothing. */
export const cast: Convert = (place) => {
	const to = place.number("to", 1);
	const isFloat = [1, 10, 11, 16].includes(to);
	const DstT = {
		type: isFloat ? "DT_FLOAT" : to === 9 ? "DT_BOOL" : "DT_INT32",
	};
	return unary((_place, x, step) => step("Cast", [x], { DstT }))(place);
};
