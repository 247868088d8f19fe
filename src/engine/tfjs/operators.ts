import { clip, identity, relu, sigmoid, tanh } from "./activations.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { dropout } from "./dropout.ts";
import { flatten, reshape } from "./movement.ts";
import type { Operator } from "./operator.ts";
import { globalAveragePool, globalMaxPool } from "./pooling.ts";
import { gemm, matMul } from "./products.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import type { SupportedOp } from "./supported.ts";

/** ONNX operator → how tfjs computes and differentiates it. One for each name in supported.ts. */
export const OPERATORS: Readonly<Record<SupportedOp, Operator>> = {
	Add: add,
	Clip: clip,
	Div: div,
	Dropout: dropout,
	Flatten: flatten,
	Gemm: gemm,
	GlobalAveragePool: globalAveragePool,
	GlobalMaxPool: globalMaxPool,
	Identity: identity,
	LogSoftmax: logSoftmax,
	MatMul: matMul,
	Mul: mul,
	Relu: relu,
	Reshape: reshape,
	Sigmoid: sigmoid,
	Softmax: softmax,
	Sub: sub,
	Tanh: tanh,
};
