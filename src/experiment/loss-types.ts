/** Losses and mixing of a resolved experiment, part of `train`. */

/** How much each class counts: by scikit-learn's rule, by class order, or by name (those not named count 1). */
export type ClassWeights =
	| "balanced"
	| readonly number[]
	| Readonly<Record<string, number>>;

/** torch.nn.BCEWithLogitsLoss's pos_weight: one number for all, by photos without over photos with, by class order, or by name (those not named count 1). */
export type PosWeight = number | ClassWeights;

/** By torch.nn, reduction "mean": CrossEntropyLoss, NLLLoss, BCEWithLogitsLoss, focal (src/train/loss.ts), MultiMarginLoss. */
export type LossChoice =
	| {
			readonly cross_entropy: {
				readonly label_smoothing: number;
				readonly class_weights?: ClassWeights;
			};
	  }
	| { readonly nll: { readonly class_weights?: ClassWeights } }
	| {
			readonly bce: {
				readonly label_smoothing: number;
				readonly class_weights?: ClassWeights;
				readonly pos_weight?: PosWeight;
			};
	  }
	| {
			readonly focal: {
				readonly gamma: number;
				/** Of multi-label data; -1: both sides count the same. Undefined: 0.25. */
				readonly alpha?: number;
				readonly class_weights?: ClassWeights;
			};
	  }
	| {
			readonly hinge: {
				readonly p: 1 | 2;
				readonly margin: number;
				readonly class_weights?: ClassWeights;
			};
	  };

/** torchvision.transforms.v2.MixUp's or CutMix's, and where: on the photos, or on the rows where the frozen part ends. */
export interface MixOptions {
	readonly alpha: number;
	/** Share of the batches, 0 … 1. */
	readonly prob: number;
	readonly space: "pixels" | "features";
}
