import type { GraphModel } from "@tensorflow/tfjs-converter";
import { type Tensor, tensor4d, tidy, transpose } from "@tensorflow/tfjs-core";
import { applyTransforms } from "../../../data/transforms.ts";
import type { FloatImage } from "../../../data/types.ts";
import type { Random } from "../../../random.ts";
import type { WebSettings } from "../types.ts";
import { decodeInBrowser } from "./decode.ts";
import type { Photo } from "./dom.ts";

/** What the network says of one photo. */
export interface Answer {
	readonly name: string;
	/** float32 [3, h, w], 0 … 1: what entered the network. */
	readonly seen: FloatImage;
	/** One a class, in the order of the network's outputs. */
	readonly scores: readonly number[];
	/** Whether the scores are probabilities; else margins or distances. */
	readonly isProbability: boolean;
	readonly milliseconds: number;
}

/** Photo → pixels → Graft's own transforms, the ones of the training → network. */
export async function classify(
	model: GraphModel,
	photo: Photo,
	{ transforms, exif }: WebSettings,
): Promise<Answer> {
	const begin = performance.now();
	const pixels = await decodeInBrowser(photo, exif);
	const outside = transforms.filter(({ name }) => name !== "Normalize");
	const seen = applyTransforms(pixels, outside, NOTHING_RANDOM);
	if (!(seen.data instanceof Float32Array))
		throw new Error("internal: the transforms do not end in a tensor");
	const said = await ask(model, seen as FloatImage);
	return {
		...{ name: photo.name, seen: seen as FloatImage, ...said },
		milliseconds: performance.now() - begin,
	};
}

/** A first pass of a black picture: shaders are compiled and memory is taken before anyone waits. */
export async function warmUp(model: GraphModel): Promise<void> {
	const [, height = 0, width = 0] = model.inputs[0]?.shape ?? [];
	if (height <= 0 || width <= 0) return;
	const data = new Float32Array(3 * height * width);
	await ask(model, { data, height, width, channels: 3 });
}

async function ask(
	model: GraphModel,
	{ data, height, width, channels }: FloatImage,
): Promise<Pick<Answer, "scores" | "isProbability">> {
	const { name, isProbability } = outputOf(model);
	const output = tidy(() => {
		const planes = tensor4d(data, [1, channels, height, width]);
		const pixels = transpose(planes, [0, 2, 3, 1]);
		return model.execute(
			{ [model.inputs[0]?.name ?? "pixels"]: pixels },
			name,
		) as Tensor;
	});
	const scores = Array.from(await output.data());
	output.dispose();
	return { scores, isProbability };
}

/** `probabilities`, or for heads that measure a margin `logits`, by the name that the signature gives them. */
function outputOf({ modelSignature, outputs }: GraphModel): {
	readonly name: string;
	readonly isProbability: boolean;
} {
	const signed = (modelSignature as Signature | undefined)?.outputs ?? {};
	for (const key of ["probabilities", "logits"]) {
		const name =
			signed[key]?.name ??
			outputs.find((output) => output.name.split(":")[0] === key)?.name;
		if (name !== undefined)
			return { name, isProbability: key === "probabilities" };
	}
	throw new Error("internal: the network has neither probabilities nor logits");
}

interface Signature {
	readonly outputs?: Readonly<Record<string, { readonly name: string }>>;
}

const never = (): never => {
	throw new Error("internal: nothing is drawn at random in evaluation");
};
const NOTHING_RANDOM: Random = {
	...{ uniform: never, integer: never, normal: never, permutation: never },
};
