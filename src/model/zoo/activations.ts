import type { NetworkBuilder } from "./builder.ts";

/** torch.nn's activations that ONNX 17 has no one operator for, or that have numbers in them. */

/** From the tensor that enters and the layer's name to the tensor that leaves. */
export type Activation = (
	net: NetworkBuilder,
	x: string,
	layer: string,
) => string;

/** nn.ReLU. */
export const relu: Activation = (net, x, layer) => net.relu(x, layer);

/** nn.ReLU6. */
export const relu6: Activation = (net, x, layer) => net.relu6(x, layer);

/** nn.Sigmoid. */
export const sigmoid: Activation = (net, x, layer) =>
	net.node("Sigmoid", layer, [x]);

/** nn.SiLU: x sigmoid(x). */
export const silu: Activation = (net, x, layer) =>
	net.node("Mul", layer, [x, net.node("Sigmoid", layer, [x], {}, "sigmoid")]);

/** nn.Hardsigmoid: relu6(x + 3) / 6. */
export const hardSigmoid: Activation = (net, x, layer) =>
	net.node("HardSigmoid", layer, [x], { alpha: 1 / 6, beta: 0.5 });

/** nn.Hardswish: x relu6(x + 3) / 6. */
export const hardSwish: Activation = (net, x, layer) =>
	net.node("HardSwish", layer, [x]);

/** nn.GELU: x (1 + erf(x / sqrt 2)) / 2. */
export const gelu: Activation = (net, x, layer) => {
	const number = (value: number) => net.constant("float32", [], [value]);
	const scaled = net.node("Div", layer, [x, number(Math.SQRT2)], {}, "div");
	const erf = net.node("Erf", layer, [scaled], {}, "erf");
	const one = net.node("Add", layer, [erf, number(1)], {}, "add");
	const twice = net.node("Mul", layer, [x, one], {}, "mul");
	return net.node("Mul", layer, [twice, number(0.5)]);
};
