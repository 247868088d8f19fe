import type { Json } from "../../fingerprint.ts";

/** How photos looked when a network's published weights were measured. */
interface Recipe {
	/** Shorter side after Resize, and CenterCrop's square or [height, width]. */
	readonly resize: number;
	readonly crop: number | readonly [number, number];
	readonly interpolation: "bilinear" | "bicubic";
}

const USUAL: Recipe = { resize: 256, crop: 224, interpolation: "bilinear" };

/** Networks whose recipe is another; a test holds that these are torchvision's (model/zoo/published.gen.ts). */
const OTHERS: Readonly<Record<string, Partial<Recipe>>> = {
	resnet50: { resize: 232 },
	resnet101: { resize: 232 },
	resnet152: { resize: 232 },
	wide_resnet50_2: { resize: 232 },
	resnext50_32x4d: { resize: 232 },
	mobilenet_v2: { resize: 232 },
	mobilenet_v3_large: { resize: 232 },
	efficientnet_b0: { interpolation: "bicubic" },
	efficientnet_b1: { resize: 255, crop: 240 },
	efficientnet_b2: { resize: 288, crop: 288, interpolation: "bicubic" },
	efficientnet_b3: { resize: 320, crop: 300, interpolation: "bicubic" },
	efficientnet_b4: { resize: 384, crop: 380, interpolation: "bicubic" },
	convnext_tiny: { resize: 236 },
	swin_t: { resize: 232, interpolation: "bicubic" },
};

/** Of a network with a name; what is not known has torchvision's usual one. */
export function recipeOf(backbone: Json | undefined): Recipe {
	if (typeof backbone === "string")
		return {
			...USUAL,
			...(Object.hasOwn(OTHERS, backbone) ? OTHERS[backbone] : {}),
		};
	const size = sizeOfOnnx(backbone);
	if (size === undefined) return USUAL;
	const resize = Math.round((Math.max(...size) * USUAL.resize) / 224);
	const [height, width] = size;
	return { ...USUAL, resize, crop: height === width ? height : size };
}

/** `preprocess.size` of an .onnx file's backbone. */
function sizeOfOnnx(backbone: Json | undefined): [number, number] | undefined {
	const { preprocess } = asMap(backbone);
	const { size } = asMap(preprocess);
	const [height, width] = Array.isArray(size) ? size : [];
	return typeof height === "number" && typeof width === "number"
		? [height, width]
		: undefined;
}

/** Transforms without chance, as the weights were measured; undefined where the schema's default says the same. */
export function evalTransforms(recipe: Recipe): Json[] | undefined {
	const { resize, crop, interpolation } = recipe;
	const isUsual =
		resize === USUAL.resize &&
		crop === USUAL.crop &&
		interpolation === USUAL.interpolation;
	return isUsual ? undefined : photosLike(recipe);
}

/** The same, always written out. */
export function photosLike({ resize, crop, interpolation }: Recipe): Json[] {
	const size =
		interpolation === USUAL.interpolation
			? resize
			: { size: resize, interpolation };
	return [
		{ Resize: size },
		{ CenterCrop: crop as Json },
		"ToTensor",
		"Normalize",
	];
}

/** Transforms that draw another view of a photo each epoch, for what is trained from its beginning. */
export function augmented({ crop }: Recipe): Json[] {
	return [
		{ RandomResizedCrop: { size: crop as Json, scale: [0.35, 1] } },
		"RandomHorizontalFlip",
		"ToTensor",
		"Normalize",
	];
}

/** The map, or an empty one. */
export function asMap(value: Json | undefined): {
	readonly [key: string]: Json;
} {
	return typeof value === "object" && value !== null && !Array.isArray(value)
		? (value as { readonly [key: string]: Json })
		: {};
}
