/** Generated from schemas/experiment.schema.json by generate-types.ts: what a user may write. Do not edit. */

/**
 * Draw the splits from photos that are not split yet. The draw depends on `seed` and on the photos' contents alone and is kept in a file.
 */
export type Split =
	| {
			/**
			 * Share of the photos that accuracy is measured on, between 0 and 1.
			 */
			valid?: number;
			/**
			 * Share of the photos that are held back, from 0 to below 1.
			 */
			test?: number;
			/**
			 * Which draw. Apart from the experiment's seed, so that runs with several seeds share one split.
			 */
			seed?: number;
			/**
			 * Whether each class is split on its own, so that all splits hold the classes in the same shares.
			 */
			stratify?: boolean;
			/**
			 * Photos of one group stay in one split: a column of the manifest, or a regular expression on the photo's relative path whose first parenthesis is the group.
			 */
			group_by?: string;
			/**
			 * Where the drawn split is kept, relative to this file; a split that is there already is used.
			 */
			file?: string;
	  }
	| number;
/**
 * What happens to each photo before the network sees it, in order, by torchvision's names. One list serves training and evaluation; { train: …, eval: … } gives each its own, which random transforms need.
 */
export type Transforms =
	| TransformList
	| {
			/**
			 * Transforms of the photos that are trained on; may be random.
			 */
			train: TransformList;
			/**
			 * Transforms of the photos that accuracy is measured on; may not be random.
			 */
			eval: TransformList;
	  };
/**
 * @minItems 1
 */
export type TransformList = [Transform, ...Transform[]];
export type Transform =
	| (
			| "ToTensor"
			| "Normalize"
			| "Grayscale"
			| "RandomHorizontalFlip"
			| "RandomVerticalFlip"
			| "ColorJitter"
			| "RandomErasing"
			| "TrivialAugmentWide"
			| "RandAugment"
	  )
	| {
			Resize?: Resize;
			CenterCrop?: CenterCrop;
			Pad?: Pad;
			Grayscale?: Grayscale;
			ToTensor?: ToTensor;
			ConvertImageDtype?: ConvertImageDtype;
			Normalize?: Normalize;
			RandomResizedCrop?: RandomResizedCrop;
			RandomCrop?: RandomCrop;
			RandomHorizontalFlip?: RandomHorizontalFlip;
			RandomVerticalFlip?: RandomVerticalFlip;
			RandomRotation?: RandomRotation;
			ColorJitter?: ColorJitter;
			RandomErasing?: RandomErasing;
			RandomApply?: RandomApply;
			TrivialAugmentWide?: TrivialAugmentWide;
			RandAugment?: RandAugment;
	  };
/**
 * Resizes the photo as torchvision's Resize does on a Pillow image, to a unit of 255.
 */
export type Resize =
	| {
			/**
			 * One number: the short side becomes that long and the shape is kept. A pair [height, width]: exactly that, whatever the shape.
			 */
			size: Size;
			interpolation?: Interpolation;
			/**
			 * Greatest length of the long side; only with a `size` of one number, and greater than it.
			 */
			max_size?: number | null;
			/**
			 * Whether pixels are averaged when a photo shrinks. Pillow images are always antialiased, so torchvision ignores false there, and so does Graft.
			 */
			antialias?: boolean;
	  }
	| Size;
export type Size = number | [number, number];
/**
 * How pixels between pixels are computed, by torchvision's names.
 */
export type Interpolation = "nearest" | "nearest-exact" | "bilinear" | "bicubic" | "box" | "hamming" | "lanczos";
/**
 * Cuts the centre out of the photo; a photo that is smaller is first padded with black, as torchvision does.
 */
export type CenterCrop =
	| {
			/**
			 * One number for a square, or [height, width].
			 */
			size: Size;
	  }
	| Size;
/**
 * Adds a border.
 */
export type Pad =
	| {
			/**
			 * Pixels: one number for all sides, [left and right, top and bottom], or [left, top, right, bottom].
			 */
			padding: Padding;
			fill?: Fill;
			padding_mode?: PaddingMode;
	  }
	| Padding;
export type Padding = number | [number, number] | [number, number, number, number];
/**
 * Colour of what is added, 0 … 255: one number, or [red, green, blue].
 */
export type Fill = Colour;
export type Colour = number | [number, number, number];
/**
 * What the border is filled with: fill's colour, the edge pixel, or the photo mirrored without (reflect) or with (symmetric) the edge pixel.
 */
export type PaddingMode = "constant" | "edge" | "reflect" | "symmetric";
/**
 * Turns the photo grey by Pillow's luma weights.
 */
export type Grayscale =
	| {
			/**
			 * 1, or 3 for three equal channels, which networks trained on colour photos need.
			 */
			num_output_channels?: ChannelCount;
	  }
	| ChannelCount;
export type ChannelCount = 1 | 3;
/**
 * Converts a tensor to another type. After ToTensor it is float32 already, so float32 changes nothing.
 */
export type ConvertImageDtype =
	| {
			/**
			 * The type: float32 with 0 … 1, which is what the network takes.
			 */
			dtype: Dtype;
	  }
	| Dtype;
export type Dtype = "float32";
/**
 * Cuts out a random part of random shape and resizes it to one size.
 */
export type RandomResizedCrop =
	| {
			/**
			 * What comes out: one number for a square, or [height, width].
			 */
			size: Size;
			/**
			 * Least and greatest share of the photo's area that is cut out.
			 *
			 * @minItems 2
			 * @maxItems 2
			 */
			scale?: [number, number];
			/**
			 * Least and greatest width / height of the part that is cut out.
			 *
			 * @minItems 2
			 * @maxItems 2
			 */
			ratio?: [number, number];
			interpolation?: Interpolation;
			/**
			 * Whether pixels are averaged when the part shrinks. Pillow images are always antialiased, so torchvision ignores false there, and so does Graft.
			 */
			antialias?: boolean;
	  }
	| Size;
/**
 * Cuts out a part of one size at a random place.
 */
export type RandomCrop =
	| {
			/**
			 * One number for a square, or [height, width].
			 */
			size: Size;
			/**
			 * Border that is added first, in pixels: one number for all sides, [left and right, top and bottom], or [left, top, right, bottom].
			 */
			padding?: Padding | null;
			/**
			 * Whether a photo that is smaller than `size` is padded to it; otherwise it is an error.
			 */
			pad_if_needed?: boolean;
			fill?: Fill;
			padding_mode?: PaddingMode;
	  }
	| Size;
/**
 * Mirrors the photo left to right with probability p.
 */
export type RandomHorizontalFlip =
	| {
			p?: Probability;
	  }
	| Probability;
/**
 * Probability, 0 … 1.
 */
export type Probability = number;
/**
 * Turns the photo upside down (a mirror image) with probability p.
 */
export type RandomVerticalFlip =
	| {
			p?: Probability;
	  }
	| Probability;
/**
 * Turns the photo by a random angle.
 */
export type RandomRotation =
	| {
			/**
			 * Greatest angle to either side, or [least, greatest]; degrees, counter-clockwise.
			 */
			degrees: Degrees;
			interpolation?: WarpInterpolation;
			/**
			 * Whether the picture grows until the turned photo fits.
			 */
			expand?: boolean;
			/**
			 * The point that stays where it is: [x, y] in pixels from the upper left corner.
			 */
			center?: [number, number] | null;
			fill?: Fill;
	  }
	| Degrees;
export type Degrees = number | [number, number];
/**
 * How pixels between pixels are computed, by torchvision's names.
 */
export type WarpInterpolation = "nearest" | "bilinear" | "bicubic";
export type Jitter = number | [number, number];
/**
 * Applies a list of transforms, all or none, with probability p.
 */
export type RandomApply =
	| {
			/**
			 * The transforms, in order.
			 */
			transforms: TransformList;
			p?: Probability;
	  }
	| TransformList;
/**
 * How many strengths there are between none and the greatest.
 */
export type MagnitudeBins = number;
/**
 * Colour of what is added, 0 … 255: one number, or [red, green, blue]; null is black.
 */
export type AugmentFill = Colour | null;
export type WeightsToFetch = string;
/**
 * Which layers stay as they are, BatchNorm statistics included: all, none, a list of layer names (* stands for anything), or { until: layer } for all layers from the first to that one. What `head` and `replace` add always learns.
 */
export type Freeze =
	| ("all" | "none")
	| [string, ...string[]]
	| {
			/**
			 * The last layer that stays as it is.
			 */
			until: string;
	  };
/**
 * What is trained on top of the features: linear and mlp epoch by epoch as `train` says; logistic, svm, ridge, knn and nearest_mean at once, without epochs; keep: the network's own classifier with its weights, for photos of the classes it knows. Not together with `replace`.
 */
export type Head =
	| ("linear" | "mlp" | "logistic" | "svm" | "ridge" | "knn" | "nearest_mean" | "keep")
	| {
			/**
			 * The network's own classifier, weights included. Its classes must be as many as those of the photos; what learns is as `freeze` says.
			 */
			keep?: {};
			/**
			 * One linear layer: features → classes, started as torch.nn.Linear starts.
			 */
			linear?: {
				/**
				 * Whether a number is added for each class.
				 */
				bias?: boolean;
			};
			/**
			 * Linear layers with an activation and dropout between them (torchvision.ops.MLP), each started as torch.nn.Linear starts.
			 */
			mlp?: {
				/**
				 * Width of the hidden layer, or of each of several.
				 */
				hidden?: number | [number, ...number[]];
				/**
				 * What comes after each hidden layer.
				 */
				activation?: "relu" | "tanh" | "sigmoid";
				/**
				 * Share of the hidden numbers that each step of training leaves out, from 0 to below 1.
				 */
				dropout?: number;
				/**
				 * Whether each layer adds a number to each of its outputs.
				 */
				bias?: boolean;
			};
			/**
			 * Logistic regression, fitted at once (sklearn.linear_model.LogisticRegression, solver lbfgs). Everything else stays frozen.
			 */
			logistic?: {
				C?: InverseStrength;
				class_weight?: ClassWeight;
				standardize?: Standardize;
			};
			/**
			 * Linear support vector machine, each class against the rest (sklearn.svm.LinearSVC). Everything else stays frozen.
			 */
			svm?: {
				C?: InverseStrength;
				/**
				 * What a photo on the wrong side of the margin costs: the square of its distance, or the distance.
				 */
				loss?: "squared_hinge" | "hinge";
				class_weight?: ClassWeight;
				standardize?: Standardize;
			};
			/**
			 * Least squares on +1 and -1 with weights held short, in closed form (sklearn.linear_model.RidgeClassifier). Everything else stays frozen.
			 */
			ridge?: {
				/**
				 * How strongly the weights are held short: one number, several to choose from, or auto (0.01 to 1,000,000 in powers of ten). The choice is made by leaving the training photos out one by one.
				 */
				alpha?: "auto" | number | [number, ...number[]];
				class_weight?: ClassWeight;
				standardize?: Standardize;
			};
			/**
			 * The classes of the nearest training photos (sklearn.neighbors.KNeighborsClassifier). Everything else stays frozen.
			 */
			knn?: {
				/**
				 * How many photos vote.
				 */
				n_neighbors?: number;
				/**
				 * How far two photos are from each other: by the angle between their features, or by the straight way.
				 */
				metric?: "cosine" | "euclidean";
				/**
				 * How much each of them counts: the same, 1 / distance, or exp(cosine / temperature) as in DINO's evaluation.
				 */
				weights?: "uniform" | "distance" | "temperature";
				/**
				 * Of `weights: temperature`: the smaller, the more the nearest count.
				 */
				temperature?: number;
				standardize?: Standardize;
			};
			/**
			 * The class whose mean is nearest (sklearn.neighbors.NearestCentroid). Everything else stays frozen.
			 */
			nearest_mean?: {
				/**
				 * How far two photos are from each other: by the angle between their features, or by the straight way.
				 */
				metric?: "cosine" | "euclidean";
				standardize?: Standardize;
			};
	  };
/**
 * How much the photos count against short weights: one number, several to choose from, or auto (0.0001 to 10,000 in powers of ten). The choice is made on folds of the training photos, never on the valid ones.
 */
export type InverseStrength = "auto" | number | [number, ...number[]];
/**
 * Whether each photo counts the same, or each class (balanced: n / (classes x photos of its class)).
 */
export type ClassWeight = "none" | "balanced";
/**
 * Whether each feature is brought to mean 0 and variance 1 on the training photos before anything else.
 */
export type Standardize = boolean;
export type Layer = Layer1 | [Layer1, ...Layer1[]];
export type Layer1 =
	| ("LogSoftmax" | "Softmax" | "Dropout" | "ReLU" | "GELU" | "Flatten" | "BatchNorm1d" | "BatchNorm2d" | "Identity")
	| {
			/**
			 * torch.nn.Linear; as many inputs as the layer before it gives.
			 */
			Linear?:
				| {
						/**
						 * How many numbers come out: for the last layer, one per class.
						 */
						out_features: OutFeatures;
						/**
						 * Whether a number is added to each output.
						 */
						bias?: boolean;
				  }
				| OutFeatures;
			/**
			 * torch.nn.Conv2d; as many channels in as the layer before it gives.
			 */
			Conv2d?: {
				/**
				 * How many maps come out: in a classifier made of convolutions, one per class.
				 */
				out_channels: OutFeatures;
				/**
				 * Side of the window in pixels, or its height and width.
				 */
				kernel_size: number | [number, number];
				/**
				 * Pixels from one window to the next.
				 */
				stride?: number | [number, number];
				/**
				 * Zeros around the map, on each side.
				 */
				padding?: number | [number, number];
				/**
				 * Groups of channels that do not see each other.
				 */
				groups?: number;
				/**
				 * Whether a number is added to each map.
				 */
				bias?: boolean;
			};
			/**
			 * torch.nn.BatchNorm1d: a vector, each channel brought to mean 0 and deviation 1 over the batch, then scaled and shifted by what it learns. In evaluation by running statistics, which move by a tenth with each batch.
			 */
			BatchNorm1d?: {
				/**
				 * Added to the variance before its root is taken.
				 */
				eps?: number;
			};
			/**
			 * torch.nn.BatchNorm2d: a map, each channel brought to mean 0 and deviation 1 over the batch, then scaled and shifted by what it learns. In evaluation by running statistics, which move by a tenth with each batch.
			 */
			BatchNorm2d?: {
				/**
				 * Added to the variance before its root is taken.
				 */
				eps?: number;
			};
			/**
			 * torch.nn.AdaptiveAvgPool2d: averages a map to a fixed size.
			 */
			AdaptiveAvgPool2d?:
				| {
						/**
						 * Side of the map that comes out, or its height and width.
						 */
						output_size: number | [number, number];
				  }
				| number
				| [number, number];
			/**
			 * torch.nn.Flatten: a map becomes a vector.
			 */
			Flatten?: {};
			/**
			 * torch.nn.LogSoftmax: logits become log-probabilities, which the nll loss needs.
			 */
			LogSoftmax?: {
				/**
				 * The dimension that sums to one: 1, the classes.
				 */
				dim?: number;
			};
			/**
			 * torch.nn.Softmax: logits become probabilities. No loss wants them; it is there for networks that are exported.
			 */
			Softmax?: {
				/**
				 * The dimension that sums to one: 1, the classes.
				 */
				dim?: number;
			};
			/**
			 * torch.nn.Dropout: sets inputs to zero with probability p while training.
			 */
			Dropout?:
				| {
						p?: Probability;
				  }
				| Probability;
			/**
			 * torch.nn.ReLU: max(0, x).
			 */
			ReLU?: {};
			/**
			 * torch.nn.GELU: x times the part of a normal distribution that is below x.
			 */
			GELU?: {};
			/**
			 * torch.nn.Identity: the layer is taken out.
			 */
			Identity?: {};
	  };
export type OutFeatures = number;
/**
 * What training makes small, as torch.nn has it: a name, or a name with its options. nll takes log-probabilities, so the network must end with LogSoftmax; all others take the network's logits. Multi-label data (data.multi_label) need bce or focal. train/loss and valid/loss are this number, smoothing and weights included.
 */
export type LossFunction =
	| ("cross_entropy" | "nll" | "bce" | "focal" | "hinge")
	| {
			/**
			 * torch.nn.CrossEntropyLoss, on logits.
			 */
			cross_entropy?: {
				/**
				 * Share of the target that is spread evenly over all classes, from 0 to below 1.
				 */
				label_smoothing?: number;
				class_weights?: ClassWeights;
			};
			/**
			 * torch.nn.NLLLoss, on log-probabilities.
			 */
			nll?: {
				class_weights?: ClassWeights;
			};
			/**
			 * torch.nn.BCEWithLogitsLoss: asks of each class by itself whether it is there. For multi-label data; with one label a photo its target is one-hot, as timm has it.
			 */
			bce?: {
				/**
				 * Share of the target that is taken from what the photo says, from 0 to below 1: with one label a photo it is spread evenly over all classes (timm's BinaryCrossEntropy), with several every target moves towards one half (Keras's BinaryCrossentropy).
				 */
				label_smoothing?: number;
				class_weights?: ClassWeights;
				pos_weight?: PosWeight;
			};
			/**
			 * Lin et al.'s focal loss, which lets easy photos count less. Multi-label data: torchvision.ops.sigmoid_focal_loss. One label a photo: the softmax form, -(1 - p)^gamma log p of its class.
			 */
			focal?: {
				/**
				 * How much less easy photos count; 0 is cross entropy.
				 */
				gamma?: number;
				/**
				 * Of multi-label data: share of the classes that are there against those that are not, from 0 to 1; -1: both count the same. With one label a photo class_weights take its place.
				 */
				alpha?: number | -1;
				class_weights?: ClassWeights;
			};
			/**
			 * torch.nn.MultiMarginLoss: the label's output shall lie above every other by a margin. One label a photo.
			 */
			hinge?: {
				/**
				 * Whether what is missing counts as it is (1) or squared (2).
				 */
				p?: 1 | 2;
				/**
				 * By how much the label's output shall lie above the others.
				 */
				margin?: number;
				class_weights?: ClassWeights;
			};
	  };
/**
 * How much each class counts: balanced gives a class with half the photos twice the weight (scikit-learn's rule: photos / (classes x photos of the class), of the train split); a list has one number per class, in the order of the classes; a map names classes, and those it does not name count 1.
 */
export type ClassWeights =
	| "balanced"
	| [number, number, ...number[]]
	| {
			[k: string]: number;
	  };
/**
 * How much a photo that has a class counts against one that has not (torch's pos_weight): one number for all classes; balanced: photos without the class over photos with it, of the train split; a list has one number per class, in the order of the classes; a map names classes, and those it does not name count 1.
 */
export type PosWeight =
	| "balanced"
	| number
	| [number, ...number[]]
	| {
			[k: string]: number;
	  };
/**
 * How gradients become steps: a name, or a name with its options; options and results as torch.optim, of lars and lamb as timm.optim.
 */
export type Optimizer =
	| ("sgd" | "adam" | "adamw" | "nadam" | "radam" | "rmsprop" | "adagrad" | "lars" | "lamb")
	| {
			/**
			 * Stochastic gradient descent (torch.optim.SGD).
			 */
			sgd?: {
				/**
				 * Share of the last step that is kept in the next.
				 */
				momentum?: number;
				/**
				 * Share of the gradient that momentum leaves out.
				 */
				dampening?: number;
				/**
				 * Whether momentum looks one step ahead; needs momentum above 0 and dampening 0.
				 */
				nesterov?: boolean;
				weight_decay?: WeightDecay;
			};
			/**
			 * Adam (torch.optim.Adam, https://arxiv.org/abs/1412.6980).
			 */
			adam?: {
				betas?: Betas;
				eps?: Eps;
				/**
				 * Whether the gradient is divided by the largest running mean of its square so far, not by the newest (https://openreview.net/forum?id=ryQu7f-RZ).
				 */
				amsgrad?: boolean;
				weight_decay?: WeightDecay;
			};
			/**
			 * Adam with decoupled weight decay (torch.optim.AdamW, https://arxiv.org/abs/1711.05101).
			 */
			adamw?: {
				betas?: Betas;
				eps?: Eps;
				/**
				 * Whether the gradient is divided by the largest running mean of its square so far, not by the newest (https://openreview.net/forum?id=ryQu7f-RZ).
				 */
				amsgrad?: boolean;
				/**
				 * This share of each parameter, times the learning rate, is taken off it at each step.
				 */
				weight_decay?: number;
			};
			/**
			 * Adam with Nesterov's momentum (torch.optim.NAdam).
			 */
			nadam?: {
				betas?: Betas;
				eps?: Eps;
				/**
				 * How fast momentum comes to its full size.
				 */
				momentum_decay?: number;
				/**
				 * Whether weight decay is taken off the parameters, as adamw does, and not added to the gradient.
				 */
				decoupled_weight_decay?: boolean;
				weight_decay?: WeightDecay;
			};
			/**
			 * Adam whose first steps wait until the gradient's variance is known (torch.optim.RAdam, https://arxiv.org/abs/1908.03265).
			 */
			radam?: {
				betas?: Betas;
				eps?: Eps;
				/**
				 * Whether weight decay is taken off the parameters, as adamw does, and not added to the gradient.
				 */
				decoupled_weight_decay?: boolean;
				weight_decay?: WeightDecay;
			};
			/**
			 * RMSprop (torch.optim.RMSprop).
			 */
			rmsprop?: {
				/**
				 * Decay of the running mean of the gradient's square.
				 */
				alpha?: number;
				eps?: Eps;
				/**
				 * Share of the last step that is kept in the next.
				 */
				momentum?: number;
				/**
				 * Whether the gradient is divided by an estimate of its variance, not of its square.
				 */
				centered?: boolean;
				weight_decay?: WeightDecay;
			};
			/**
			 * Adagrad (torch.optim.Adagrad).
			 */
			adagrad?: {
				/**
				 * How the learning rate falls: after t steps it is divided by 1 + t x lr_decay.
				 */
				lr_decay?: number;
				/**
				 * What the sum of the gradient's squares starts with.
				 */
				initial_accumulator_value?: number;
				/**
				 * Added to the denominator, so that it is never zero.
				 */
				eps?: number;
				weight_decay?: WeightDecay;
			};
			/**
			 * SGD whose step is fitted to the norm of each parameter, for large batches (timm.optim.Lars, https://arxiv.org/abs/1708.03888). Only parameters with weight decay are fitted unless always_adapt is true.
			 */
			lars?: {
				/**
				 * Share of the last step that is kept in the next.
				 */
				momentum?: number;
				/**
				 * Share of the gradient that momentum leaves out.
				 */
				dampening?: number;
				/**
				 * Whether momentum looks one step ahead; needs momentum above 0 and dampening 0.
				 */
				nesterov?: boolean;
				weight_decay?: WeightDecay;
				/**
				 * Size of a parameter's step as a share of the parameter's norm.
				 */
				trust_coeff?: number;
				eps?: Eps;
				/**
				 * Whether a layer's step may only be made smaller, never larger.
				 */
				trust_clip?: boolean;
				/**
				 * Whether parameters without weight decay have their steps fitted to their norm too.
				 */
				always_adapt?: boolean;
			};
			/**
			 * Adam whose step is fitted to the norm of each parameter, for large batches (timm.optim.Lamb, https://arxiv.org/abs/1904.00962).
			 */
			lamb?: {
				betas?: Betas;
				/**
				 * Added to the denominator, so that it is never zero.
				 */
				eps?: number;
				/**
				 * This share of each parameter is added to its step before the step is fitted to the norm.
				 */
				weight_decay?: number;
				/**
				 * Whether the running means are corrected for having begun at zero.
				 */
				bias_correction?: boolean;
				/**
				 * Whether the running mean takes 1 - beta of a gradient, and not all of it.
				 */
				grad_averaging?: boolean;
				/**
				 * Greatest 2-norm of all gradients together, larger ones are scaled down; 0: they are left alone.
				 */
				max_grad_norm?: number;
				/**
				 * Whether a layer's step may only be made smaller, never larger.
				 */
				trust_clip?: boolean;
				/**
				 * Whether parameters without weight decay have their steps fitted to their norm too.
				 */
				always_adapt?: boolean;
			};
	  };
/**
 * L2 penalty: this share of each parameter is added to its gradient.
 */
export type WeightDecay = number;
/**
 * Decay of the running means of the gradient and of its square.
 *
 * @minItems 2
 * @maxItems 2
 */
export type Betas = [number, number];
/**
 * Added to the denominator, so that it is never zero.
 */
export type Eps = number;
/**
 * How the learning rate changes, as torch.optim.lr_scheduler: a name, or a name with its options. It changes after each epoch, one_cycle after each step; epochs count from the end of the warm-up.
 */
export type Schedule =
	| ("constant" | "cosine" | "one_cycle" | "polynomial" | "reduce_on_plateau")
	| {
			/**
			 * The learning rate stays as it is, but for a warm-up.
			 */
			constant?: {
				warmup_epochs?: WarmupEpochs;
				warmup_start_factor?: WarmupStartFactor;
			};
			/**
			 * The learning rate is multiplied by gamma every step_size epochs (StepLR).
			 */
			step?: {
				/**
				 * Epochs between one fall and the next.
				 */
				step_size: number;
				/**
				 * What the learning rate is multiplied by.
				 */
				gamma?: number;
				warmup_epochs?: WarmupEpochs;
				warmup_start_factor?: WarmupStartFactor;
			};
			/**
			 * The learning rate is multiplied by gamma at each milestone (MultiStepLR).
			 */
			multistep?: {
				/**
				 * Epochs after which the learning rate falls, ascending, counted from the end of the warm-up.
				 *
				 * @minItems 1
				 */
				milestones: [number, ...number[]];
				/**
				 * What the learning rate is multiplied by.
				 */
				gamma?: number;
				warmup_epochs?: WarmupEpochs;
				warmup_start_factor?: WarmupStartFactor;
			};
			/**
			 * The learning rate is multiplied by gamma after every epoch (ExponentialLR).
			 */
			exponential?: {
				/**
				 * What the learning rate is multiplied by.
				 */
				gamma: number;
				warmup_epochs?: WarmupEpochs;
				warmup_start_factor?: WarmupStartFactor;
			};
			/**
			 * The learning rate falls along half a cosine (CosineAnnealingLR).
			 */
			cosine?: {
				/**
				 * Epochs from the learning rate to eta_min.
				 */
				T_max?: number;
				/**
				 * The lowest learning rate.
				 */
				eta_min?: number;
				warmup_epochs?: WarmupEpochs;
				warmup_start_factor?: WarmupStartFactor;
			};
			/**
			 * The learning rate falls along half a cosine and starts again, over and over (CosineAnnealingWarmRestarts).
			 */
			cosine_restarts?: {
				/**
				 * Epochs until the first restart.
				 */
				T_0: number;
				/**
				 * How many times longer each round is than the one before.
				 */
				T_mult?: number;
				/**
				 * The lowest learning rate.
				 */
				eta_min?: number;
				warmup_epochs?: WarmupEpochs;
				warmup_start_factor?: WarmupStartFactor;
			};
			/**
			 * The learning rate rises to its largest and falls far below its start, changing at each step (OneCycleLR); momentum stays as it is.
			 */
			one_cycle?: {
				/**
				 * Share of the steps in which the learning rate rises.
				 */
				pct_start?: number;
				/**
				 * How it rises and falls: along a cosine or a line.
				 */
				anneal_strategy?: "cos" | "linear";
				/**
				 * The first step has the learning rate divided by this.
				 */
				div_factor?: number;
				/**
				 * The last step has the first one's divided by this.
				 */
				final_div_factor?: number;
			};
			/**
			 * The learning rate falls to 0 along a power of the epochs that are left (PolynomialLR).
			 */
			polynomial?: {
				/**
				 * 1 is a line.
				 */
				power?: number;
				/**
				 * Epochs until it is 0.
				 */
				total_iters?: number;
				warmup_epochs?: WarmupEpochs;
				warmup_start_factor?: WarmupStartFactor;
			};
			/**
			 * The learning rate is multiplied by factor when a number stops getting better (ReduceLROnPlateau).
			 */
			reduce_on_plateau?: {
				monitor?: Monitor;
				mode?: MonitorMode;
				/**
				 * What the learning rate is multiplied by.
				 */
				factor?: number;
				/**
				 * Epochs without a better value that are put up with; the next one makes the learning rate fall.
				 */
				patience?: number;
				/**
				 * What counts as better: more than this.
				 */
				threshold?: number;
				/**
				 * Whether the threshold is a share of the best value or a difference to it.
				 */
				threshold_mode?: "rel" | "abs";
				/**
				 * Epochs after a fall in which nothing counts as bad.
				 */
				cooldown?: number;
				/**
				 * The lowest learning rate.
				 */
				min_lr?: number;
				/**
				 * A fall smaller than this is left out.
				 */
				eps?: number;
				warmup_epochs?: WarmupEpochs;
				warmup_start_factor?: WarmupStartFactor;
			};
	  };
/**
 * Epochs in which the learning rate first rises to its full size, in a line, a little at each step (LinearLR).
 */
export type WarmupEpochs = number;
/**
 * Share of the learning rate that the first step of the warm-up has.
 */
export type WarmupStartFactor = number;
/**
 * The number that is looked at after each epoch.
 */
export type Monitor = "valid/loss" | "valid/accuracy" | "train/loss" | "train/accuracy";
/**
 * Whether a larger or a smaller number is better; auto: a smaller loss, a larger accuracy.
 */
export type MonitorMode = "auto" | "min" | "max";
/**
 * Ends training when a number stops getting better, as keras.callbacks.EarlyStopping. Shorthand: the patience alone.
 */
export type EarlyStopping =
	| {
			monitor?: Monitor;
			/**
			 * Epochs without a better value, after which training ends.
			 */
			patience?: number;
			/**
			 * What counts as better: more than this.
			 */
			min_delta?: number;
			mode?: MonitorMode;
			/**
			 * Whether the best epoch's weights, predictions and numbers are the run's result, however training ends; else the last one's.
			 */
			restore_best?: boolean;
	  }
	| number;
/**
 * Share of the batches that are mixed, above 0 up to 1.
 */
export type MixProb = number;
/**
 * What is mixed. pixels, as torchvision: the photos after the transforms, so every layer of the network is computed at each step, the frozen ones too. features: the rows where the frozen part ends (manifold mixup, Verma et al.), which costs nothing, for they are cached.
 */
export type MixSpace = "pixels" | "features";
/**
 * Layers with a learning rate or a weight decay of their own, as torch.optim's parameter groups; all others have train.learning_rate and the optimizer's weight_decay.
 *
 * @minItems 1
 */
export type ParameterGroups = [ParameterGroup, ...ParameterGroup[]];
/**
 * A moving average of the weights, an exponential one: after each step it moves to them by a share of 1 - decay. It is what is evaluated, and the run's result; buffers are those of the weights (torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn). Shorthand: the decay alone.
 */
export type Ema =
	| {
			/**
			 * Share of the average that each step keeps.
			 */
			decay?: number;
			/**
			 * Whether the decay begins small and rises to its size: after t further steps at most 1 - (1 + t)^(-2/3) (timm's ModelEmaV3).
			 */
			warmup?: boolean;
	  }
	| number;
/**
 * Weights that are kept beside the result, in the run's folder: checkpoints/best.safetensors and last.safetensors, as keras.callbacks.ModelCheckpoint; and how often the state is kept from which `graft run --resume` goes on. It changes nothing that is learnt. Shorthand: keep alone.
 */
export type Checkpoints =
	| {
			/**
			 * Of how many of the best epochs the weights are kept: best.safetensors, best-2.safetensors and so on. 0: of none.
			 */
			keep?: number;
			/**
			 * Whether the weights of the last epoch are kept too, as last.safetensors.
			 */
			last?: boolean;
			monitor?: Monitor;
			mode?: MonitorMode;
			/**
			 * Epochs between two looks: 2 looks for the best among every second epoch.
			 */
			every?: number;
			/**
			 * Optimizer steps after which the state is kept that a killed run goes on from.
			 */
			every_steps?: number;
	  }
	| number;
/**
 * How graft gate decides whether a change lowered the accuracy: it runs the experiment with several seeds and compares each valid photo with the baseline.
 */
export type Gate =
	| {
			/**
			 * The baseline file, kept in git, relative to this file; graft gate FILE --update --reason TEXT writes it.
			 */
			baseline?: string;
			/**
			 * Runs, with seeds seed, seed + 1, …; their spread is the noise that a drop is measured against. With 1 the photos alone are looked at.
			 */
			seeds?: number;
			/**
			 * Drop of the valid accuracy that is accepted, as a share: 0.01 is one point.
			 */
			allowed_drop?: number;
			/**
			 * Share of changes without any effect that may be taken for a drop: the one-sided level of the tests.
			 */
			significance?: number;
			/**
			 * Least value that a metric may have, whatever the baseline says: one number for valid/accuracy, or metric → number for metrics where more is better.
			 */
			floor?:
				| number
				| {
						[k: string]: number;
				  };
			/**
			 * Least share of a class's valid photos that must be right: one number for every class, or class → number.
			 */
			class_floor?:
				| number
				| {
						[k: string]: number;
				  };
	  }
	| string;
/**
 * @minItems 1
 */
export type AxisValues = [Value, ...Value[]];
/**
 * Points written out, each a map of dotted keys and their values.
 *
 * @minItems 1
 */
export type PointList = [
	{
		[k: string]: Value;
	},
	...{
		[k: string]: Value;
	}[]
];
/**
 * Which draw. Apart from the experiment's seed, so that it draws the same points whatever that is.
 */
export type DrawSeed = number;
/**
 * The key of a metric, as runs record it.
 */
export type Metric = "valid/accuracy" | "valid/loss" | "train/accuracy" | "train/loss";
/**
 * Ends trials early that others have left behind, by the objective after each epoch.
 */
export type Pruner =
	| ("asha" | "median")
	| {
			/**
			 * Asynchronous successive halving (https://arxiv.org/abs/1810.05934): at min_epochs, and at each reduction_factor times as many, the best of those that came so far go on.
			 */
			asha?: {
				/**
				 * Epochs before a trial may be ended.
				 */
				min_epochs?: number;
				/**
				 * One in so many goes on.
				 */
				reduction_factor?: number;
			};
			/**
			 * A trial ends when its best value so far is worse than the median of what the others had reached by that epoch.
			 */
			median?: {
				/**
				 * Epochs before a trial may be ended.
				 */
				min_epochs?: number;
				/**
				 * Other trials that must have reached an epoch before it is judged by.
				 */
				min_trials?: number;
			};
	  };
/**
 * Where trials run: processes of this machine, one per GPU where there are any, or jobs of a Slurm cluster.
 */
export type Launcher =
	| ("local" | "slurm")
	| {
			/**
			 * Processes on this machine.
			 */
			local?: {
				/**
				 * Processes at once where there is no GPU.
				 */
				workers?: "auto" | number;
				/**
				 * Processes that share one GPU.
				 */
				trials_per_gpu?: number;
			};
			/**
			 * Jobs of a Slurm cluster, by sbatch's words; the command returns once they are submitted.
			 */
			slurm?: {
				/**
				 * sbatch --partition.
				 */
				partition?: string;
				/**
				 * sbatch --account.
				 */
				account?: string;
				/**
				 * sbatch --qos.
				 */
				qos?: string;
				/**
				 * sbatch --gres, for each task.
				 */
				gres?: string;
				/**
				 * sbatch --time, for each task: minutes, or HH:MM:SS, or D-HH:MM:SS.
				 */
				time?: string | number;
				/**
				 * sbatch --constraint.
				 */
				constraint?: string;
				/**
				 * sbatch --mem, for each task: megabytes, or a number with G.
				 */
				mem?: string | number;
				/**
				 * sbatch --cpus-per-task.
				 */
				cpus_per_task?: number;
				/**
				 * Most tasks of one array at once.
				 */
				max_running?: number;
				/**
				 * Lines that go into the script before the task.
				 */
				setup?: string[];
				/**
				 * More options of sbatch, as they are.
				 */
				sbatch?: string[];
			};
	  };
export type RetryCount = number;

/**
 * One transfer-learning experiment on images: which photos, which transforms, which network, where to cut it, which head, how to train.
 */
export interface ExperimentFile {
	/**
	 * One experiment file, or several, whose keys this file takes over and may change; relative to this file. Maps are merged, everything else is replaced, a later file wins, and `key: null` takes an inherited key back. name and description are not inherited.
	 */
	extends?: string | [string, ...string[]];
	/**
	 * What the experiment is called in tables, reports and MLflow.
	 */
	name?: string;
	/**
	 * A sentence for people: what the experiment tries.
	 */
	description?: string;
	/**
	 * Every random number of a run follows from it: the start of the head, the order of photos, augmentation. Same seed, same machine: the same bytes.
	 */
	seed?: number;
	/**
	 * A recipe that says what this file leaves out: which layers stay frozen, which head, how it is trained; what the file says itself goes before it, key by key, and graft plan --values shows all of it. linear_probe: everything frozen, a logistic regression on the last features (a linear layer trained in steps where there are several labels, random transforms or words of train); for few photos like those of the pretraining. early_layer_svm: everything frozen, a linear SVM on an earlier layer; for few photos unlike them. fine_tune: the head first, then the whole network at a low learning rate; for many photos like them. retrain: random weights, all layers learn, photos are augmented; for many photos unlike them. auto: run measures which of these fits the photos, and says why.
	 */
	strategy?: "linear_probe" | "fine_tune" | "early_layer_svm" | "retrain" | "auto";
	/**
	 * What computes, in tfjs (which trains) and in onnxruntime (which runs the frozen prefix). auto takes the best that is there and never fails: in tfjs a TensorFlow of yours or of graft setup native, else wasm; in onnxruntime CUDA where graft setup gpu put it and a GPU is there, else the cpu. cpu: the same without a GPU. gpu: CUDA for both (on a Mac, CoreML for the prefix). webgpu: both on WebGPU. wasm: tfjs's wasm backend, as without any setup. What cannot be had is an error before the run starts; graft doctor shows what is there.
	 */
	device?: "auto" | "cpu" | "gpu" | "webgpu" | "wasm";
	data: Data;
	transforms?: Transforms;
	model?: Model;
	train?: Train;
	evaluation?: Evaluation;
	gate?: Gate;
	sweep?: Sweep;
	tracking?: Tracking;
}
/**
 * Which photos. A folder with one folder per split and class (train/cat/1.jpg, valid/cat/2.jpg), a CSV manifest, or one folder per class with `split`.
 */
export interface Data {
	/**
	 * The folder of the photos, relative to this file; ~/ is your home. Needed unless `manifest` is given.
	 */
	root?: string;
	/**
	 * A CSV file with the columns path and label, and perhaps split and group; relative to this file. The paths in it are relative to `root`.
	 */
	manifest?: string;
	/**
	 * Whether a photo may have several classes, or none. true: the manifest's label column names them, separated by |. { separator: … }: by another text. { columns: … }: the manifest has a column of 0 and 1 for each class instead.
	 */
	multi_label?:
		| true
		| {
				/**
				 * What stands between the names of a photo's classes in the manifest's label column.
				 */
				separator?: string;
				/**
				 * Columns of the manifest that are classes, each 0 or 1; all: every column but path, split and the groups'.
				 */
				columns?: "all" | [string, ...string[]];
		  };
	/**
	 * Name of the split that is trained on: a folder under `root`, or a value in the manifest's split column.
	 */
	train?: string;
	/**
	 * Name of the split that accuracy is measured on after each epoch: a folder under `root`, or a value in the manifest's split column.
	 */
	valid?: string;
	/**
	 * Name of the split that is held back: a folder under `root`, or a value in the manifest's split column.
	 */
	test?: string;
	split?: Split;
	/**
	 * What happens when a photo cannot be read: fail ends the run, before it trains or, where random transforms draw the photos anew each epoch, when the photo's batch comes; skip leaves the photo out, quarantine leaves it out and lists it in the run's folder; drawn photos are then looked through once before training. Each is named with its reason and counted in the record.
	 */
	on_corrupt?: "fail" | "skip" | "quarantine";
	/**
	 * Whether a photo's orientation tag turns it. ignore leaves the photo as it is stored, as Pillow and torchvision do.
	 */
	exif?: "apply" | "ignore";
}
/**
 * Pixels 0 … 255, [height, width, channel], become float32 0 … 1, [channel, height, width].
 */
export interface ToTensor {}
/**
 * (x - mean) / std for each channel. Without parameters, mean and std come with the weights, as they should; others are an error unless `override` says that they are meant.
 */
export interface Normalize {
	/**
	 * Subtracted from each channel, in units of ToTensor's 0 … 1.
	 *
	 * @minItems 1
	 * @maxItems 3
	 */
	mean?: [number] | [number, number] | [number, number, number];
	/**
	 * Each channel is divided by it, in units of ToTensor's 0 … 1.
	 *
	 * @minItems 1
	 * @maxItems 3
	 */
	std?: [number] | [number, number] | [number, number, number];
	/**
	 * true: mean and std differ from the weights' own on purpose.
	 */
	override?: boolean;
}
/**
 * Changes brightness, contrast, saturation and hue by random factors, in random order.
 */
export interface ColorJitter {
	/**
	 * Factor drawn from [max(0, 1 - brightness), 1 + brightness], or from [least, greatest].
	 */
	brightness?: Jitter;
	/**
	 * Factor drawn from [max(0, 1 - contrast), 1 + contrast], or from [least, greatest].
	 */
	contrast?: Jitter;
	/**
	 * Factor drawn from [max(0, 1 - saturation), 1 + saturation], or from [least, greatest].
	 */
	saturation?: Jitter;
	/**
	 * Shift drawn from [-hue, hue], or from [least, greatest]; half a turn of the colour circle is 0.5.
	 */
	hue?: number | [number, number];
}
/**
 * Overwrites a random rectangle of the tensor with probability p; stands after ToTensor.
 */
export interface RandomErasing {
	p?: Probability;
	/**
	 * Least and greatest share of the area that is erased.
	 *
	 * @minItems 2
	 * @maxItems 2
	 */
	scale?: [number, number];
	/**
	 * Least and greatest height / width of the rectangle.
	 *
	 * @minItems 2
	 * @maxItems 2
	 */
	ratio?: [number, number];
	/**
	 * What is written: one number, one per channel, or random for normal noise.
	 */
	value?: number | [number] | [number, number] | [number, number, number] | "random";
}
/**
 * One random operation of random strength per photo (TrivialAugment, https://arxiv.org/abs/2103.10158).
 */
export interface TrivialAugmentWide {
	num_magnitude_bins?: MagnitudeBins;
	interpolation?: WarpInterpolation;
	fill?: AugmentFill;
}
/**
 * Random operations of one strength, one after the other (RandAugment, https://arxiv.org/abs/1909.13719).
 */
export interface RandAugment {
	/**
	 * How many operations one after the other.
	 */
	num_ops?: number;
	/**
	 * Strength of all operations, below num_magnitude_bins.
	 */
	magnitude?: number;
	num_magnitude_bins?: MagnitudeBins;
	interpolation?: WarpInterpolation;
	fill?: AugmentFill;
}
/**
 * Which network, what of it stays as it is, and what is put on top.
 */
export interface Model {
	/**
	 * The pretrained network: a name (graft zoo lists them; but for efficientnet_lite0 they are torchvision's, with its layer names), or an .onnx file with what its pixels must look like.
	 */
	backbone?:
		| (
				| "alexnet"
				| "convnext_tiny"
				| "densenet121"
				| "efficientnet_b0"
				| "efficientnet_b1"
				| "efficientnet_b2"
				| "efficientnet_b3"
				| "efficientnet_b4"
				| "efficientnet_lite0"
				| "mobilenet_v2"
				| "mobilenet_v3_large"
				| "mobilenet_v3_small"
				| "resnet101"
				| "resnet152"
				| "resnet18"
				| "resnet34"
				| "resnet50"
				| "resnext50_32x4d"
				| "shufflenet_v2_x1_0"
				| "squeezenet1_0"
				| "squeezenet1_1"
				| "swin_t"
				| "vgg11"
				| "vgg11_bn"
				| "vgg13"
				| "vgg13_bn"
				| "vgg16"
				| "vgg16_bn"
				| "vgg19"
				| "vgg19_bn"
				| "vit_b_16"
				| "vit_b_32"
				| "wide_resnet50_2"
		  )
		| OnnxBackbone;
	/**
	 * default: the weights published with the network, fetched by the first run unless they come with Graft; none: random numbers from the seed; a weights file by its path, relative to this file: .safetensors, model.safetensors.index.json, PyTorch's .pth, or Keras's .h5, .keras and TensorFlow.js's model.json, which bring Keras's padding and preprocessing with them; hf:owner/repository, perhaps with @revision and /file.safetensors, on the Hugging Face Hub; or an https:// address. What is fetched is kept in the cache folder and pinned in weights.lock.json beside this file. An .onnx file brings its own.
	 */
	weights?: ("default" | "none") | WeightsToFetch | string;
	/**
	 * What the frozen prefix is computed in. int8: weights and activations become bytes, calibrated on training photos; two to four times as fast, and compared with float32 on valid photos before and after training. What is trained stays float32.
	 */
	precision?:
		| ("float32" | "int8")
		| {
				/**
				 * Exactly as the weights say.
				 */
				float32?: {};
				/**
				 * Weights int8 with a scale each output channel, activations uint8 with a scale each tensor.
				 */
				int8?: {
					/**
					 * Training photos whose activations are looked at; the same ones each time.
					 */
					photos?: number;
					/**
					 * Which values of an activation the bytes stand for. minmax: all that were seen; percentile: all but one in ten thousand; mse: those with the least mean squared error.
					 */
					range?: "minmax" | "percentile" | "mse";
					/**
					 * Least cosine between the features of a valid photo in int8 and in float32, mean over a sample of them; below it the run refuses before training.
					 */
					min_cosine?: number;
					/**
					 * Least share of that sample whose class is the same in int8 and in float32, by the trained head; below it the run fails at its end.
					 */
					min_agreement?: number;
				};
		  };
	/**
	 * What cached features are kept in. float16 halves them on the disk; they are trained on as float32 again.
	 */
	feature_dtype?: "float32" | "float16";
	/**
	 * Layer or tensor of the network where the head attaches; what comes after it is left out. { depth: share }: the layer at that share of the network's multiply-adds. Of a list, each is pooled and all are put side by side.
	 */
	features?: string | Depth | [string | Depth, ...(string | Depth)[]];
	/**
	 * How a feature map [channel, height, width], or a Vision Transformer's tokens, become a vector for the head: their mean, their maximum, or all of it; `cls`: the first token, where the network has a class token.
	 */
	global_pool?: "avg" | "max" | "flatten" | "cls";
	freeze?: Freeze;
	/**
	 * What the BatchNorm layers that are not frozen do in training: `train` takes each batch's own mean and variance and moves the running ones, as torch's model.train(); `eval` keeps to the running ones as they are. Frozen layers never change.
	 */
	batch_norm?: "train" | "eval";
	/**
	 * What computes the frozen part, once per photo. `tfjs` is for machines where it has the GPU and onnxruntime has not.
	 */
	prefix_engine?: "onnxruntime" | "tfjs";
	head?: Head;
	/**
	 * Layers or whole modules of the network that are replaced, or appended where the name is one past the end of a Sequential: name → new layer, or a list of them (nn.Sequential), which are then called name.0, name.1 and so on. Identity takes a layer out. The network keeps the rest of its classifier.
	 */
	replace?: {
		[k: string]: Layer;
	};
}
export interface OnnxBackbone {
	/**
	 * The .onnx file, relative to this file.
	 */
	onnx: string;
	/**
	 * What the network expects of its pixels. It was fixed when the network was trained; wrong values cost accuracy without any other sign.
	 */
	preprocess: {
		/**
		 * Subtracted from each channel, in the order the network sees, in units of `scale`.
		 *
		 * @minItems 1
		 * @maxItems 3
		 */
		mean: [number] | [number, number] | [number, number, number];
		/**
		 * Each channel is divided by it, in the order the network sees, in units of `scale`.
		 *
		 * @minItems 1
		 * @maxItems 3
		 */
		std: [number] | [number, number] | [number, number, number];
		/**
		 * What a white pixel is before mean and std: 1 or 255.
		 */
		scale?: 1 | 255;
		/**
		 * Order of the colour channels.
		 */
		channels?: "RGB" | "BGR";
		/**
		 * [height, width] that the network expects.
		 *
		 * @minItems 2
		 * @maxItems 2
		 */
		size?: [number, number];
	};
}
export interface Depth {
	/**
	 * Share of the multiply-adds from the photo to the network's own features, above 0 to 1. The place nearest to it where the network can be cut clean is taken; graft plan says which.
	 */
	depth: number;
}
/**
 * How what is not frozen learns.
 */
export interface Train {
	loss?: LossFunction;
	optimizer?: Optimizer;
	/**
	 * Size of the optimizer's steps; with a schedule, the largest, which the schedule starts from or leads to.
	 */
	learning_rate?: number;
	schedule?: Schedule;
	/**
	 * How often every photo of the train split is seen.
	 */
	epochs?: number;
	/**
	 * Photos per step of the optimizer.
	 */
	batch_size?: number;
	/**
	 * With random transforms: how many views of each training photo are drawn, once, and cached. Epochs take them in turn, so that the frozen layers see each photo so many times and not once an epoch.
	 */
	views?: number;
	/**
	 * Training in several goes, each with its own frozen layers and learning rate, on the weights that the one before ended with: a linear probe and then fine-tuning, or gradual unfreezing. The cut moves with the phase.
	 *
	 * @minItems 1
	 */
	phases?: [Phase, ...Phase[]];
	/**
	 * Which photos an epoch is made of. shuffle: each once. class_balanced: as many draws as there are photos, with replacement, each class as likely as any other (torch's WeightedRandomSampler with weights 1/photos of the class); train/accuracy is then the share of the draws that are right.
	 */
	sampling?: "shuffle" | "class_balanced";
	/**
	 * Each photo of a batch is mixed with another, and so are their labels (torchvision.transforms.v2.MixUp). With cutmix too, each batch takes one of the two. train/accuracy then counts the label with the larger share.
	 */
	mixup?: {
		/**
		 * The share of the first photo is drawn from Beta(alpha, alpha): small values mix little, 1 any share alike.
		 */
		alpha?: number;
		prob?: MixProb;
		space?: MixSpace;
	};
	/**
	 * A rectangle of each photo of a batch is taken from another, and its label has the rectangle's share (torchvision.transforms.v2.CutMix). In feature space it needs a feature map. With mixup too, each batch takes one of the two.
	 */
	cutmix?: {
		/**
		 * The share of the photo that stays is drawn from Beta(alpha, alpha).
		 */
		alpha?: number;
		prob?: MixProb;
		space?: MixSpace;
	};
	/**
	 * Greatest 2-norm of all gradients together; larger ones are scaled down (torch.nn.utils.clip_grad_norm_).
	 */
	clip_grad_norm?: number;
	/**
	 * Greatest size of each number of a gradient; larger ones are cut off (torch.nn.utils.clip_grad_value_). Where clip_grad_norm is given too, it comes after this.
	 */
	clip_grad_value?: number;
	/**
	 * Batches whose gradients are added up for one step of the optimizer: as a batch of accumulate x batch_size photos, in the memory of one of batch_size. The schedule counts steps of the optimizer.
	 */
	accumulate?: number;
	parameter_groups?: ParameterGroups;
	/**
	 * What the learning rate is multiplied by from one block of layers to the block before it: the head has the whole rate, the last block layer_decay times it, the block before that layer_decay times that (timm's layer_decay, BEiT's).
	 */
	layer_decay?: number;
	/**
	 * Parameters that keep out of weight decay: biases of layers, and the scales and biases of normalization layers.
	 *
	 * @minItems 1
	 */
	no_weight_decay?: ["bias" | "norm", ...("bias" | "norm")[]];
	ema?: Ema;
	early_stopping?: EarlyStopping;
	checkpoints?: Checkpoints;
	/**
	 * What the journal holds: the numbers of each epoch, or the loss and the learning rate of each step of the optimizer too.
	 */
	log?: "epoch" | "step";
}
/**
 * One of several goes of training. What it does not say is as train and model.freeze say.
 */
export interface Phase {
	/**
	 * What it is called in plans, journals and reports.
	 */
	name?: string;
	/**
	 * Which layers stay as they are in this phase.
	 */
	freeze?: Freeze;
	/**
	 * How often every photo of the train split is seen in this phase.
	 */
	epochs: number;
	/**
	 * Size of the optimizer's steps in this phase.
	 */
	learning_rate?: number;
	/**
	 * How gradients become steps in this phase; its state begins anew.
	 */
	optimizer?: Optimizer;
	/**
	 * How the learning rate changes in this phase; its epochs count from the phase's first.
	 */
	schedule?: Schedule;
	/**
	 * Photos per step of the optimizer in this phase.
	 */
	batch_size?: number;
	/**
	 * When this phase ends before its epochs are over; the next then begins.
	 */
	early_stopping?: EarlyStopping;
}
/**
 * Some layers, and how they learn.
 */
export interface ParameterGroup {
	/**
	 * Layers by name or by globs over names, as freeze takes them; a name also means the layers inside it.
	 *
	 * @minItems 1
	 */
	layers: [string, ...string[]];
	/**
	 * The group's learning rate in place of train.learning_rate; the schedule changes it in the same way.
	 */
	learning_rate?: number;
	/**
	 * What the group's learning rate is multiplied by at each step, whatever the schedule says (timm's lr_scale).
	 */
	lr_scale?: number;
	/**
	 * The group's weight decay in place of the optimizer's.
	 */
	weight_decay?: number;
}
/**
 * What is measured besides the accuracy of each epoch.
 */
export interface Evaluation {
	/**
	 * Test-time augmentation: at the end the probabilities of several views of each valid photo are averaged, and valid/accuracy_tta and valid/loss_tta are recorded. hflip: the photo and its mirror; five_crop: the corners and the centre, where CenterCrop would take the centre alone; ten_crop: these and their mirrors.
	 */
	tta?: "hflip" | "five_crop" | "ten_crop";
}
/**
 * Many runs of this file: each combination of the values that its sections give is a trial. Sections multiply: a grid of 6 points with 3 seeds is 18 trials. The last section changes fastest.
 */
export interface Sweep {
	grid?: Grid;
	list?: PointList;
	zip?: Zip;
	/**
	 * Points drawn at random, each key on its own. More trials keep the earlier ones.
	 */
	random?: {
		/**
		 * How many points are drawn.
		 */
		trials: number;
		seed?: DrawSeed;
		space: Space;
	};
	/**
	 * Points of a Sobol sequence, scrambled by the seed: they fill the space more evenly than random ones, most so when their number is a power of two.
	 */
	sobol?: {
		/**
		 * How many points are drawn; best a power of two.
		 */
		trials: number;
		seed?: DrawSeed;
		space: Space;
	};
	/**
	 * Points of a Halton sequence, scrambled by the seed: they fill the space more evenly than random ones, whatever their number.
	 */
	halton?: {
		/**
		 * How many points are drawn.
		 */
		trials: number;
		seed?: DrawSeed;
		space: Space;
	};
	/**
	 * Points asked for in rounds, each from the results of those before, by the tree-structured Parzen estimator as Optuna has it: for trials that are dear. The first are drawn at random. Multiplies with `seeds` alone, whose mean it judges by.
	 */
	tpe?: {
		/**
		 * How many points there are, the first ones included. More points keep the earlier ones.
		 */
		trials: number;
		/**
		 * How many points are drawn at random, all at once, before results count: Optuna's n_startup_trials.
		 */
		startup_trials?: number;
		/**
		 * How many points are asked for at once; at best the number of GPUs or workers. With 1 each point knows all results before it. The same file asks for the same points on every machine.
		 */
		batch?: number;
		/**
		 * Which share of the points counts as good; at most 25 of them do.
		 */
		gamma?: number;
		/**
		 * How many points are drawn from the density of the good ones, of which the most promising is taken.
		 */
		n_ei_candidates?: number;
		/**
		 * All keys are drawn together, as Optuna does since version 5; false: each on its own.
		 */
		multivariate?: boolean;
		seed?: DrawSeed;
		space: Space;
	};
	/**
	 * Values that only some trials have: each entry multiplies the trials that match it by its grid, list or zip. Later entries may match keys of earlier ones.
	 *
	 * @minItems 1
	 */
	when?: [
		{
			/**
			 * Swept keys and the value, or list of values, that a trial must have.
			 */
			match: {
				[k: string]: Value;
			};
			grid?: Grid;
			list?: PointList;
			zip?: Zip;
		},
		...{
			/**
			 * Swept keys and the value, or list of values, that a trial must have.
			 */
			match: {
				[k: string]: Value;
			};
			grid?: Grid;
			list?: PointList;
			zip?: Zip;
		}[]
	];
	/**
	 * Combinations that are left out: a trial that has all values of an entry is not run.
	 *
	 * @minItems 1
	 */
	exclude?: [
		{
			[k: string]: Value;
		},
		...{
			[k: string]: Value;
		}[]
	];
	/**
	 * Runs of each point, with the seeds seed, seed + 1, …: what tells a difference from chance.
	 */
	seeds?: number;
	/**
	 * What the best trial has most of, or least: a metric of the runs.
	 */
	objective?:
		| {
				metric: Metric;
				/**
				 * Whether the greatest or the least value is best.
				 */
				mode?: "max" | "min";
		  }
		| Metric;
	pruner?: Pruner;
	launcher?: Launcher;
	/**
	 * What one failed trial does to the others: nothing, stop all, or stop all after so many.
	 */
	on_failure?:
		| ("continue" | "stop")
		| {
				/**
				 * Failed trials that stop the sweep.
				 */
				stop_after: number;
		  };
	/**
	 * How often a failed trial is tried again, by the cause of the failure; bad input never is.
	 */
	retries?:
		| {
				/**
				 * A process that was killed, a machine that was lost, a disk that was full.
				 */
				infrastructure?: RetryCount;
				/**
				 * Memory that did not suffice.
				 */
				memory?: RetryCount;
				/**
				 * A loss that became NaN or infinite.
				 */
				nan?: RetryCount;
		  }
		| RetryCount;
}
/**
 * Every combination of the values: dotted key of the experiment → list of values. A value that is a list or map may have a short name for tables: { name: squash, value: … }.
 */
export interface Grid {
	[k: string]: AxisValues;
}
export interface Value {
	[k: string]: unknown;
}
/**
 * Values that belong together: the first of each list is one point, the second the next.
 */
export interface Zip {
	[k: string]: AxisValues;
}
/**
 * What is drawn: dotted key of the experiment → how.
 */
export interface Space {
	[k: string]: Distribution;
}
export interface Distribution {
	/**
	 * A number between two bounds, all equally likely; six digits of it are kept.
	 *
	 * @minItems 2
	 * @maxItems 2
	 */
	uniform?: [number, number];
	/**
	 * A number between two bounds above 0, all orders of magnitude equally likely; six digits of it are kept.
	 *
	 * @minItems 2
	 * @maxItems 2
	 */
	log_uniform?: [number, number];
	/**
	 * A whole number from the first bound to the second, both included.
	 *
	 * @minItems 2
	 * @maxItems 2
	 */
	integer?: [number, number];
	/**
	 * A whole number from the first bound to the second, both included and above 0, all orders of magnitude equally likely.
	 *
	 * @minItems 2
	 * @maxItems 2
	 */
	log_integer?: [number, number];
	/**
	 * One of the values, all equally likely.
	 */
	choice?: AxisValues;
}
/**
 * The MLflow server that runs are sent to while they go on. Without one, runs are kept in their own folders, and graft sync sends them later.
 */
export interface Tracking {
	/**
	 * Address of the MLflow server, with http:// or https://. Users, passwords and tokens belong into the variables MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD and MLFLOW_TRACKING_TOKEN.
	 */
	uri?: string;
	/**
	 * Name of the MLflow experiment that holds the runs of this file.
	 */
	experiment?: string;
	/**
	 * What MLflow keeps as the run's model, linked to its metrics: `head`, what was trained (small); `onnx`, the whole network as model.onnx, which mlflow.onnx.load_model and mlflow.pyfunc.load_model open, as large as the backbone (efficientnet_lite0 14 MB, vgg16 540 MB); `none`.
	 */
	model?: "head" | "onnx" | "none";
	/**
	 * Name in MLflow's model registry: each run becomes a new version of it, a sweep its best trial. Made where it is missing.
	 */
	register?: string;
	/**
	 * Alias that the newest registered version gets, as in models:/stamps@champion. Needs `register`.
	 */
	alias?: string;
	/**
	 * Photos in each series of images: training photos before and after their transforms, and the most wrong valid photos.
	 */
	images?: number;
}
