/** What is published about one file of weights; published.gen.ts holds torchvision's. */
export interface PublishedWeights {
	/** torchvision's word for it: IMAGENET1K_V1 … */
	readonly name: string;
	readonly url: string;
	/** First hex digits, 8 or more, of the file's sha256. */
	readonly sha256Prefix: string;
	/** Numbers that learn, BatchNorm statistics aside. */
	readonly parameters: number;
	/** Multiply-adds of one photo of `crop` pixels, in 1e9. */
	readonly gmacs: number;
	/** Size of the file, in 2^20 bytes. */
	readonly megabytes: number;
	/** Accuracy on ImageNet-1K's validation photos, in percent. */
	readonly top1: number;
	readonly top5: number;
	/** Of pixels in [0, 1], per channel R, G, B. */
	readonly mean: readonly number[];
	readonly std: readonly number[];
	/** torchvision.transforms._presets.ImageClassification: the shorter side after Resize, and CenterCrop's square. */
	readonly resize: number;
	readonly crop: number;
	readonly interpolation: string;
	/** The smallest [height, width] that the network takes. */
	readonly minSize: readonly number[];
}
