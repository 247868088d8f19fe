import { sizeOf } from "../dtypes.ts";
import { type InitRule, type Start, torchDefault, vggInit } from "../init.ts";

/**
 * How torchvision's networks start before anybody has trained them, family by family: the init code of its model
 * files. Truncated normals are drawn as normals: their bounds lie a hundred deviations away.
 */

const zero: Start = { constant: 0 };

/** nn.init.kaiming_normal_(mode="fan_out") for convolutions, torch's defaults for the rest: ResNet. */
export const resnetInit: InitRule = (node, part, weight) =>
	(node.op === "Conv" ? vggInit : torchDefault)(node, part, weight);

/** kaiming_normal_(mode="fan_out"), Linear U(-1/sqrt(out), 1/sqrt(out)), biases 0: EfficientNet. */
export const efficientnetInit: InitRule = (node, part, weight) => {
	if (node.op !== "Gemm") return vggInit(node, part, weight);
	return part === 2 ? zero : { bound: 1 / Math.sqrt(weight[0] ?? 1) };
};

/** kaiming_uniform_, the last convolution N(0, 0.01), biases 0: SqueezeNet. */
export const squeezenetInit: InitRule = (node, part, weight) => {
	if (part === 2) return zero;
	if (node.layer === "classifier.1") return { deviation: 0.01 };
	return { bound: Math.sqrt(6 / sizeOf(weight.slice(1))) };
};

/** kaiming_normal_ (fan_in), the classifier's bias 0: DenseNet. */
export const densenetInit: InitRule = (node, part, weight) => {
	if (node.op === "Conv")
		return { deviation: Math.sqrt(2 / sizeOf(weight.slice(1))) };
	if (node.op === "Gemm" && part === 2) return zero;
	return torchDefault(node, part, weight);
};

/** LayerNorm 1, 0; undefined for other layers. */
function layerNormStart(op: string, part: number): Start | undefined {
	if (op !== "LayerNormalization") return undefined;
	return { constant: part === 1 ? 1 : 0 };
}

/** Weights N(0, 0.02), biases 0, layer_scale 1e-6: ConvNeXt. */
export const convnextInit: InitRule = (node, part) => {
	const norm = layerNormStart(node.op, part);
	if (norm) return norm;
	if (node.layer.endsWith(".layer_scale")) return { constant: 1e-6 };
	const isWeight = node.op === "Transpose" || part === 1;
	return isWeight && node.op !== "Add" ? { deviation: 0.02 } : zero;
};

/** Positions and biases' tables N(0, 0.02), Linears xavier_uniform_, the classifier 0: Vision Transformer. */
export const vitInit: InitRule = (node, part, weight) => {
	const norm = layerNormStart(node.op, part);
	if (norm) return norm;
	if (node.op === "Conv")
		return part === 1
			? { deviation: Math.sqrt(1 / sizeOf(weight.slice(1))) }
			: zero;
	if (node.layer === "encoder.pos_embedding") return { deviation: 0.02 };
	if (node.op === "Transpose") return linearStart(node.layer, weight);
	// Biases of the two Linears of an mlp are drawn around 0.
	if (node.op === "Add" && /\.mlp\.\d+$/.test(node.layer))
		return { deviation: 1e-6 };
	return zero;
};

/** torch's default for out_proj, else xavier_uniform_: U(-b, b), b = sqrt(6 / (in + out)). */
function linearStart(layer: string, [out = 1, inputs = 1]: readonly number[]) {
	if (layer.endsWith(".out_proj")) return { bound: 1 / Math.sqrt(inputs) };
	return { bound: Math.sqrt(6 / (inputs + out)) };
}

/** Linears and position tables N(0, 0.02), biases 0, the first convolution by torch's default: Swin. */
export const swinInit: InitRule = (node, part, weight) => {
	const norm = layerNormStart(node.op, part);
	if (norm) return norm;
	if (node.op === "Conv") return torchDefault(node, part, weight);
	const isWeight = ["Transpose", "Gather"].includes(node.op);
	return isWeight || (node.op === "Gemm" && part === 1)
		? { deviation: 0.02 }
		: zero;
};
