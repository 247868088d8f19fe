import { clip, identity, relu, sigmoid, tanh } from "./activations.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { batchNormalization } from "./batch-norm.ts";
import { depthToSpace, spaceToDepth } from "./blocks.ts";
import * as broadcasting from "./broadcasting.ts";
import * as compare from "./compare.ts";
import { conv, convTranspose } from "./convolution.ts";
import { dropout } from "./dropout.ts";
import { einsum } from "./einsum.ts";
import * as elementwise from "./elementwise.ts";
import { gelu } from "./gelu.ts";
import { concat, split } from "./joining.ts";
import * as movement from "./movement.ts";
import * as norm from "./norm.ts";
import type { Operator, OperatorEntry } from "./operator.ts";
import {
	averagePool,
	globalAveragePool,
	globalMaxPool,
	maxPool,
} from "./pooling.ts";
import { gemm, matMul } from "./products.ts";
import * as reduce from "./reduce.ts";
import { resize } from "./resize.ts";
import { cumSum, gather, pad, scatterNd, slice } from "./select.ts";
import * as shapeValues from "./shape-values.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import type { SupportedOp } from "./supported.ts";

/** Element by element: maps in either order. */
function same(prepare: Operator): OperatorEntry {
	return { prepare, order: "same" };
}

/** Maps in NHWC. */
function maps(prepare: Operator): OperatorEntry {
	return { prepare, order: "nhwc" };
}

/** As `same`, with axes that follow the order. */
function axes(prepare: Operator): OperatorEntry {
	return { prepare, order: "axes" };
}

/** ONNX operator → how tfjs computes and differentiates it. One for each name in supported.ts. */
export const OPERATORS: Readonly<Record<SupportedOp, OperatorEntry>> = {
	Abs: same(elementwise.abs),
	Add: same(add),
	And: same(compare.and),
	AveragePool: maps(averagePool),
	BatchNormalization: maps(batchNormalization),
	Cast: same(compare.cast),
	Ceil: same(elementwise.ceil),
	Celu: same(elementwise.celu),
	Clip: same(clip),
	Concat: axes(concat),
	ConstantOfShape: shapeValues.constantOfShape,
	Conv: maps(conv),
	ConvTranspose: maps(convTranspose),
	Cos: same(elementwise.cos),
	CumSum: cumSum,
	DepthToSpace: depthToSpace,
	Div: same(div),
	Dropout: dropout,
	Einsum: einsum,
	Elu: same(elementwise.elu),
	Equal: same(compare.equal),
	Erf: same(elementwise.erf),
	Exp: same(elementwise.exp),
	Expand: movement.expand,
	Flatten: movement.flatten,
	Floor: same(elementwise.floor),
	Gather: gather,
	Gelu: same(gelu),
	Gemm: gemm,
	GlobalAveragePool: maps(globalAveragePool),
	GlobalMaxPool: maps(globalMaxPool),
	Greater: same(compare.greater),
	GreaterOrEqual: same(compare.greaterOrEqual),
	GroupNormalization: norm.groupNormalization,
	HardSigmoid: same(elementwise.hardSigmoid),
	HardSwish: same(elementwise.hardSwish),
	Identity: same(identity),
	InstanceNormalization: norm.instanceNormalization,
	IsInf: same(compare.isInf),
	IsNaN: same(compare.isNan),
	LRN: { prepare: norm.lrn, order: "nhwc" },
	LayerNormalization: norm.layerNormalization,
	LeakyRelu: same(elementwise.leakyRelu),
	Less: same(compare.less),
	LessOrEqual: same(compare.lessOrEqual),
	Log: same(elementwise.log),
	LogSoftmax: logSoftmax,
	LpNormalization: axes(norm.lpNormalization),
	MatMul: matMul,
	Max: same(broadcasting.max),
	MaxPool: maps(maxPool),
	Mean: same(broadcasting.mean),
	Min: same(broadcasting.min),
	Mish: same(elementwise.mish),
	Mod: same(broadcasting.mod),
	Mul: same(mul),
	Neg: same(elementwise.neg),
	Not: same(compare.not),
	Or: same(compare.or),
	PRelu: same(broadcasting.pRelu),
	Pad: axes(pad),
	Pow: same(broadcasting.pow),
	Range: shapeValues.range,
	Reciprocal: same(elementwise.reciprocal),
	ReduceL1: axes(reduce.reduceL1),
	ReduceL2: axes(reduce.reduceL2),
	ReduceLogSum: axes(reduce.reduceLogSum),
	ReduceLogSumExp: axes(reduce.reduceLogSumExp),
	ReduceMax: axes(reduce.reduceMax),
	ReduceMean: axes(reduce.reduceMean),
	ReduceMin: axes(reduce.reduceMin),
	ReduceSum: axes(reduce.reduceSum),
	ReduceSumSquare: axes(reduce.reduceSumSquare),
	Relu: same(relu),
	Reshape: movement.reshape,
	Resize: axes(resize),
	Round: same(elementwise.round),
	ScatterND: scatterNd,
	Selu: same(elementwise.selu),
	Shape: shapeValues.shape,
	Sigmoid: same(sigmoid),
	Sign: same(elementwise.sign),
	Sin: same(elementwise.sin),
	Size: shapeValues.size,
	Slice: axes(slice),
	Softmax: softmax,
	Softplus: same(elementwise.softplus),
	Softsign: same(elementwise.softsign),
	SpaceToDepth: spaceToDepth,
	Split: axes(split),
	Sqrt: same(elementwise.sqrt),
	Squeeze: movement.squeeze,
	Sub: same(sub),
	Sum: same(broadcasting.sum),
	Swish: same(elementwise.swish),
	Tanh: same(tanh),
	Tile: movement.tile,
	Transpose: movement.transpose,
	Trilu: compare.trilu,
	Unsqueeze: movement.unsqueeze,
	Upsample: axes(resize),
	Where: same(compare.where),
	Xor: same(compare.xor),
};
