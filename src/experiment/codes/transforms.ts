import type { CodeEntry } from "./entry.ts";

/** Errors about the lists of transforms. */
export const transformCodes: Readonly<Record<string, CodeEntry>> = {
	"to-tensor-missing": {
		title: "A list of transforms has no ToTensor.",
		explanation:
			"ToTensor makes numbers 0 … 1 of pixels 0 … 255, which the network takes.",
		wrong: "transforms: [Resize: 256, CenterCrop: 224]",
		right: "transforms: [Resize: 256, CenterCrop: 224, ToTensor, Normalize]",
	},
	"to-tensor-order": {
		title: "A transform stands on the wrong side of ToTensor.",
		explanation:
			"Before it: Resize, Grayscale, RandomResizedCrop, RandomRotation, ColorJitter, TrivialAugmentWide, RandAugment. After it: Normalize, RandomErasing, ConvertImageDtype. On either side: CenterCrop, Pad, RandomCrop, the flips, RandomApply.",
		wrong: "transforms: [Resize: 224, Normalize, ToTensor]",
		right: "transforms: [Resize: 224, ToTensor, Normalize]",
	},
	"normalize-twice": {
		title: "Normalize stands in a list twice.",
		explanation:
			"Photos normalized twice are not what the network was trained on.",
		wrong: "transforms: [ToTensor, Normalize, Normalize]",
		right: "transforms: [ToTensor, Normalize]",
	},
	"random-apply-steps": {
		title:
			"ToTensor, ConvertImageDtype or Normalize stands inside RandomApply.",
		explanation: "The network would get some photos with it and some without.",
		wrong: "- RandomApply: [Normalize]",
		right:
			"- RandomApply: [{ ColorJitter: { brightness: 0.4 } }]\n- ToTensor\n- Normalize",
	},
	"random-in-eval": {
		title: "A random transform is used for evaluation.",
		explanation:
			"Accuracy would differ from one evaluation to the next. One list serves training and evaluation; random transforms need two.",
		wrong:
			"transforms: [Resize: 224, RandomHorizontalFlip, ToTensor, Normalize]",
		right:
			"transforms:\n  train: [RandomResizedCrop: 224, RandomHorizontalFlip, ToTensor, Normalize]\n  eval: [Resize: 256, CenterCrop: 224, ToTensor, Normalize]",
	},
	"crop-larger-than-resize": {
		title: "A crop is larger than what Resize leaves.",
		explanation:
			"CenterCrop then fills with black, as torchvision does: a warning. RandomCrop cannot, unless pad_if_needed is true: an error.",
		wrong: "transforms: [Resize: 200, CenterCrop: 224, ToTensor, Normalize]",
		right: "transforms: [Resize: 256, CenterCrop: 224, ToTensor, Normalize]",
	},
	"reversed-range": {
		title: "A range goes from the greater to the lesser number.",
		explanation: "Ranges are written [least, greatest].",
		wrong: "- RandomResizedCrop: { size: 224, scale: [1, 0.5] }",
		right: "- RandomResizedCrop: { size: 224, scale: [0.5, 1] }",
	},
	"max-size": {
		title: "max_size of Resize bounds nothing.",
		explanation:
			"It bounds the long side while size, one number, sets the short one, so it is greater than size. With a size of [height, width] both sides are set already.",
		wrong: "- Resize: { size: [224, 224], max_size: 512 }",
		right: "- Resize: { size: 224, max_size: 512 }",
	},
	"magnitude-out-of-range": {
		title: "magnitude of RandAugment is not below num_magnitude_bins.",
		explanation: "It numbers one of the strengths, from 0.",
		wrong: "- RandAugment: { magnitude: 31 }",
		right: "- RandAugment: { magnitude: 9 }",
	},
	"fill-channels": {
		title: "A colour has another count of numbers than the photo has channels.",
		explanation: "After Grayscale a photo has one channel.",
		wrong: "[Grayscale, Pad: { padding: 4, fill: [0, 0, 255] }]",
		right: "[Grayscale, Pad: { padding: 4, fill: 128 }]",
	},
};
