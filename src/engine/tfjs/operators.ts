import { clip, identity, relu, sigmoid, tanh } from "./activations.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { dropout } from "./dropout.ts";
import { flatten, reshape } from "./movement.ts";
import type { Operator, OperatorEntry } from "./operator.ts";
import { globalAveragePool, globalMaxPool } from "./pooling.ts";
import { gemm, matMul } from "./products.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import type { SupportedOp } from "./supported.ts";

/** Element by element: maps in either order. */
function same(prepare: Operator): OperatorEntry {
	return { prepare, order: "same" };
}

/** ONNX operator → how tfjs computes and differentiates it. One for each name in supported.ts. */
export const OPERATORS: Readonly<Record<SupportedOp, OperatorEntry>> = {
	Add: same(add),
	Clip: same(clip),
	Div: same(div),
	Dropout: dropout,
	Flatten: flatten,
	Gemm: gemm,
	GlobalAveragePool: globalAveragePool,
	GlobalMaxPool: globalMaxPool,
	Identity: same(identity),
	LogSoftmax: logSoftmax,
	MatMul: matMul,
	Mul: same(mul),
	Relu: same(relu),
	Reshape: reshape,
	Sigmoid: same(sigmoid),
	Softmax: softmax,
	Sub: same(sub),
	Tanh: same(tanh),
};
