import type { Preprocess } from "../../types.ts";
import type { KerasFamily } from "./families.ts";
import type { KerasVariables } from "./variables.ts";

/** How photos must look for a Keras network: what its `preprocess_input` does, or its own first layers. */

/** keras/src/applications/imagenet_utils.py, `_preprocess_numpy_input`, by mode. */
const MODES: Readonly<
	Record<
		Exclude<KerasFamily["pixels"], "inside">,
		Pick<Preprocess, "mean" | "std" | "scale" | "channels">
	>
> = {
	caffe: {
		mean: [103.939, 116.779, 123.68],
		std: [1, 1, 1],
		scale: 255,
		channels: "BGR",
	},
	tf: {
		mean: [0.5, 0.5, 0.5],
		std: [0.5, 0.5, 0.5],
		scale: 1,
		channels: "RGB",
	},
	torch: {
		mean: [0.485, 0.456, 0.406],
		std: [0.229, 0.224, 0.225],
		scale: 1,
		channels: "RGB",
	},
};

/** What the published EfficientNets hold as variances: deviations, which a second Rescaling sets right. */
const PUBLISHED_VARIANCE = [0.229, 0.224, 0.225] as const;

/** The layer that normalizes pixels, where it has variables of its own. */
export function normalizationOf({
	layers,
	config,
}: KerasVariables): string | undefined {
	const named = config?.find(({ className }) => className === "Normalization");
	return [...layers.keys()].find((name) =>
		named ? name === named.name : /^normalization(_\d+)?$/.test(name),
	);
}

/** @returns undefined where the file lacks what it takes to know. */
export async function kerasPreprocess(
	{ pixels }: KerasFamily,
	own: Preprocess,
	variables: KerasVariables,
): Promise<Preprocess | undefined> {
	if (pixels !== "inside") return { ...own, ...MODES[pixels] };
	const [mean, variance] = await Promise.all(
		[0, 1].map((index) => threeNumbers(variables, index)),
	);
	if (mean === undefined || variance === undefined) return undefined;
	const rescalings = variables.config?.filter(
		({ className }) => className === "Rescaling",
	);
	const isPublished = variance.every(
		(value, channel) =>
			Math.abs(value - (PUBLISHED_VARIANCE[channel] ?? 0)) < 1e-6,
	);
	const isRescaled = rescalings ? rescalings.length > 1 : isPublished;
	const std = variance.map((value, channel) =>
		rounded(
			Math.sqrt(value) *
				(isRescaled ? Math.sqrt(PUBLISHED_VARIANCE[channel] ?? 1) : 1),
		),
	);
	return { ...own, mean: mean.map(rounded), std, scale: 1, channels: "RGB" };
}

async function threeNumbers(
	variables: KerasVariables,
	index: number,
): Promise<readonly number[] | undefined> {
	const layer = normalizationOf(variables);
	const variable = variables.layers.get(layer ?? "")?.[index];
	if (variable?.shape.join() !== "3") return undefined;
	const values: number[] = [];
	await variable.read((piece) => void values.push(...Array.from(piece)));
	return values;
}

/** As float32 has it: 0.229 rather than 0.2290000021. */
function rounded(value: number): number {
	return Number(value.toPrecision(7));
}
