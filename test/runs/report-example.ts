import type { PlanFile, WayStage } from "../../src/runs/report/plan/read.ts";
import type { Prediction } from "../../src/runs/types.ts";

/** A small network's plan as plan.json keeps it: cut behind two frozen layers, a head that learns. */

function stage(
	name: string,
	op: string,
	part: WayStage["part"],
	shape: WayStage["output_shape"],
	changes: Partial<WayStage> = {},
): WayStage {
	return {
		...{ name, op, part, kind: "layer", output_shape: shape },
		...{ random: false, trainable: false, dtype: "float32" },
		...{ parameters: 0, flops: 0 },
		...changes,
	};
}

const PIXELS: readonly WayStage[] = [
	stage("decode", "decode", "prefix", ["?", "?", 3], { kind: "decode" }),
	stage("Resize", "Resize", "prefix", [32, 32, 3], { kind: "transform" }),
	stage("Normalize", "Normalize", "prefix", [3, 32, 32], { kind: "transform" }),
];

const TRUNK: readonly WayStage[] = [
	stage("conv1", "Conv", "prefix", [8, 16, 16], {
		parameters: 216,
		flops: 1e6,
	}),
	stage("bn1", "BatchNormalization", "prefix", [8, 16, 16], { parameters: 32 }),
	stage("layer1.0.conv", "Conv", "prefix", [16, 8, 8], { parameters: 1152 }),
	stage("layer1.0.relu", "Relu", "prefix", [16, 8, 8]),
	stage("layer1.1.conv", "Conv", "prefix", [16, 8, 8], { parameters: 2304 }),
	stage("flatten", "Flatten", "prefix", [1024]),
];

const HEAD = stage("head", "Gemm", "suffix", [3], {
	...{ trainable: true, parameters: 3075, flops: 6144 },
});

const WAY = {
	stages: [...PIXELS, ...TRUNK, HEAD],
	cut: { after: "flatten", tensor: "flatten", reason: "head learns" },
	feature_shape: [1024],
	feature_key: "c".repeat(64),
} as unknown as PlanFile["train"];

/** What plan.json holds, as far as a page looks. */
export const PLAN = {
	name: "resize",
	train: WAY,
	eval: WAY,
	engines: { onnxruntime: "cpu", tfjs: "wasm" },
	training: {
		...{ loss: "cross_entropy", optimizer: "sgd", learning_rate: 0.01 },
		...{ schedule: null, learning_rates: [], more: [] },
		...{ epochs: 3, batch_size: 32 },
	},
} as unknown as PlanFile;

/** The same where random transforms end the prefix at the pixels, and the frozen layers run each epoch. */
export const LIVE_PLAN = {
	...PLAN,
	train: {
		...WAY,
		stages: [
			...PIXELS.slice(0, 2),
			stage(
				"RandomHorizontalFlip",
				"RandomHorizontalFlip",
				"live",
				[32, 32, 3],
				{
					...{ kind: "transform", random: true },
				},
			),
			...TRUNK.map((one) => ({ ...one, part: "live" as const })),
			HEAD,
		],
		cut: {
			...{ after: null, tensor: "input" },
			reason: "RandomHorizontalFlip draws random numbers",
		},
		feature_key: null,
	},
} as unknown as PlanFile;

/** Photos with several labels each: one missed, one wrongly said, two wholly right. */
export const TAGGED: readonly Prediction[] = [
	{ labels: [0, 1], probabilities: [0.9, 0.2, 0.1] },
	{ labels: [2], probabilities: [0.1, 0.7, 0.95] },
	{ labels: [0], probabilities: [0.8, 0.45, 0.1] },
	{ labels: [], probabilities: [0.05, 0.1, 0.1] },
].map(({ labels, probabilities }, index) => ({
	path: `valid/${index}.jpg`,
	sha256: String(index).repeat(64),
	...{ label: -1, labels, probabilities },
	predicted: probabilities.indexOf(Math.max(...probabilities)),
	loss: [0.6, 0.5, 0.3, 0.1][index] as number,
}));

/** A JPEG of 160 x 80 pixels, as far as its size is read: SOI, APP0, SOF0. */
export const WIDE_JPEG = `data:image/jpeg;base64,${Buffer.from("ffd8ffe000104a46494600010100000100010000ffc0000b08005000a001011100", "hex").toString("base64")}`;
