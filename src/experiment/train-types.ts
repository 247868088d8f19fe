import type { LossChoice, MixOptions } from "./loss-types.ts";

/** `train` of a resolved experiment: every shorthand written out, every default filled in. */

/** torch.optim.SGD's. */
export interface SgdOptions {
	readonly momentum: number;
	readonly dampening: number;
	readonly nesterov: boolean;
	readonly weight_decay: number;
}

/** torch.optim.Adam's. */
export interface AdamOptions {
	readonly betas: readonly [number, number];
	readonly eps: number;
	/** Undefined: false. */
	readonly amsgrad?: boolean;
	readonly weight_decay: number;
}

/** torch.optim.AdamW's. */
export type AdamWOptions = AdamOptions;

/** torch.optim.RMSprop's. */
export interface RmspropOptions {
	readonly alpha: number;
	readonly eps: number;
	readonly momentum: number;
	readonly centered: boolean;
	readonly weight_decay: number;
}

/** torch.optim.Adagrad's. */
export interface AdagradOptions {
	readonly lr_decay: number;
	readonly initial_accumulator_value: number;
	readonly eps: number;
	readonly weight_decay: number;
}

/** torch.optim.RAdam's. */
export interface RadamOptions {
	readonly betas: readonly [number, number];
	readonly eps: number;
	readonly decoupled_weight_decay: boolean;
	readonly weight_decay: number;
}

/** torch.optim.NAdam's. */
export interface NadamOptions extends RadamOptions {
	readonly momentum_decay: number;
}

/** timm.optim.Lars's. */
export interface LarsOptions extends SgdOptions {
	readonly trust_coeff: number;
	readonly eps: number;
	readonly trust_clip: boolean;
	readonly always_adapt: boolean;
}

/** timm.optim.Lamb's. */
export interface LambOptions {
	readonly betas: readonly [number, number];
	readonly eps: number;
	readonly weight_decay: number;
	readonly bias_correction: boolean;
	readonly grad_averaging: boolean;
	/** 0: none. */
	readonly max_grad_norm: number;
	readonly trust_clip: boolean;
	readonly always_adapt: boolean;
}

/** How gradients become steps. */
export type OptimizerChoice =
	| { readonly sgd: SgdOptions }
	| { readonly adam: AdamOptions }
	| { readonly adamw: AdamWOptions }
	| { readonly rmsprop: RmspropOptions }
	| { readonly adagrad: AdagradOptions }
	| { readonly nadam: NadamOptions }
	| { readonly radam: RadamOptions }
	| { readonly lars: LarsOptions }
	| { readonly lamb: LambOptions };

/** Some layers by globs, with a learning rate or a weight decay of their own (torch.optim's parameter groups). */
export interface ParameterGroupOptions {
	readonly layers: readonly string[];
	/** In place of train.learning_rate, under the same schedule. */
	readonly learning_rate?: number;
	/** What the scheduled learning rate is multiplied by. */
	readonly lr_scale?: number;
	/** In place of the optimizer's. */
	readonly weight_decay?: number;
}

/** A moving average of the weights (torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn). */
export interface EmaOptions {
	/** Share of the average that each step keeps. */
	readonly decay: number;
	/** Whether the decay rises to its size, as timm's ModelEmaV3 does with use_warmup. */
	readonly warmup: boolean;
}

/** A number that each epoch measures. */
export type Monitor =
	| "valid/loss"
	| "valid/accuracy"
	| "train/loss"
	| "train/accuracy";

/** Which way a monitored number is better; auto: a loss down, an accuracy up. */
export type MonitorMode = "auto" | "min" | "max";

/** torch.optim.lr_scheduler.LinearLR, a step at a time, before the schedule itself begins. */
export interface Warmup {
	readonly warmup_epochs: number;
	/** Share of the learning rate that the first step has. */
	readonly warmup_start_factor: number;
}

/** torch.optim.lr_scheduler.ReduceLROnPlateau's. */
export interface PlateauOptions {
	readonly monitor: Monitor;
	readonly mode: MonitorMode;
	readonly factor: number;
	/** Epochs. */
	readonly patience: number;
	readonly threshold: number;
	readonly threshold_mode: "rel" | "abs";
	/** Epochs. */
	readonly cooldown: number;
	readonly min_lr: number;
	readonly eps: number;
}

/** torch.optim.lr_scheduler.OneCycleLR's; max_lr is the learning rate, momentum stays. */
export interface OneCycleOptions {
	readonly pct_start: number;
	readonly anneal_strategy: "cos" | "linear";
	readonly div_factor: number;
	readonly final_div_factor: number;
}

/** How the learning rate changes: by torch.optim.lr_scheduler, an epoch at a time but for one_cycle. Epochs count from the end of the warm-up. */
export type Schedule =
	| { readonly constant: Warmup }
	| {
			readonly step: Warmup & {
				readonly step_size: number;
				readonly gamma: number;
			};
	  }
	| {
			readonly multistep: Warmup & {
				readonly milestones: readonly number[];
				readonly gamma: number;
			};
	  }
	| { readonly exponential: Warmup & { readonly gamma: number } }
	| {
			readonly cosine: Warmup & {
				/** Undefined: the epochs after the warm-up. */
				readonly T_max?: number;
				readonly eta_min: number;
			};
	  }
	| {
			readonly cosine_restarts: Warmup & {
				readonly T_0: number;
				readonly T_mult: number;
				readonly eta_min: number;
			};
	  }
	| { readonly one_cycle: OneCycleOptions }
	| {
			readonly polynomial: Warmup & {
				readonly power: number;
				/** Undefined: the epochs after the warm-up. */
				readonly total_iters?: number;
			};
	  }
	| { readonly reduce_on_plateau: Warmup & PlateauOptions };

/** keras.callbacks.EarlyStopping's. */
export interface EarlyStopping {
	readonly monitor: Monitor;
	/** Epochs without a better value, after which training ends; at least 1. */
	readonly patience: number;
	/** What counts as better: more than this. */
	readonly min_delta: number;
	readonly mode: MonitorMode;
	/** Whether the weights of the best epoch are the result, however training ends. */
	readonly restore_best: boolean;
}

/** Which weights are kept beside the result, and how often the state that a killed run goes on from. */
export interface CheckpointOptions {
	/** Of how many of the best epochs. */
	readonly keep: number;
	/** Of the last epoch. */
	readonly last: boolean;
	readonly monitor: Monitor;
	readonly mode: MonitorMode;
	/** Epochs between two looks. */
	readonly every: number;
	/** Optimizer steps between two states; undefined: by time. */
	readonly every_steps?: number;
}

/** Which layers keep their weights: all, none, globs over layer names, or all up to one. */
export type Freeze =
	| "all"
	| "none"
	| readonly string[]
	| { readonly until: string };

/** One of several goes of training; what it does not say is as TrainOptions and model.freeze say. */
export interface Phase {
	readonly name: string;
	readonly freeze?: Freeze;
	readonly epochs: number;
	readonly learning_rate?: number;
	readonly optimizer?: OptimizerChoice;
	readonly schedule?: Schedule;
	readonly batch_size?: number;
	readonly early_stopping?: EarlyStopping;
}

/** How the suffix is trained. */
export interface TrainOptions {
	/** At least one; each on the weights that the one before ended with. `epochs` is then the sum of theirs. */
	readonly phases?: readonly Phase[];
	readonly loss: LossChoice;
	readonly optimizer: OptimizerChoice;
	readonly learning_rate: number;
	readonly schedule: Schedule;
	readonly epochs: number;
	readonly batch_size: number;
	/** Views of each photo that random transforms draw and the cache keeps; undefined: a new one each epoch, not kept. */
	readonly views?: number;
	/** Each photo once, or draws that hold the classes alike. Undefined: shuffle. */
	readonly sampling?: "shuffle" | "class_balanced";
	/** Each batch takes one of the two where both are given. */
	readonly mixup?: MixOptions;
	readonly cutmix?: MixOptions;
	/** torch.nn.utils.clip_grad_norm_: greatest 2-norm of all gradients together. */
	readonly clip_grad_norm?: number;
	/** torch.nn.utils.clip_grad_value_: greatest size of each number of a gradient. Before clip_grad_norm where both are given. */
	readonly clip_grad_value?: number;
	/** Batches whose gradients are added up for one step of the optimizer. */
	readonly accumulate?: number;
	readonly parameter_groups?: readonly ParameterGroupOptions[];
	/** timm's layer_decay: the rate of a block of layers as a share of the next one's. */
	readonly layer_decay?: number;
	/** What keeps out of weight decay. */
	readonly no_weight_decay?: readonly ("bias" | "norm")[];
	readonly ema?: EmaOptions;
	readonly early_stopping?: EarlyStopping;
	/** Changes nothing that is learnt. Undefined: best and last of a run that learns little, of others none. */
	readonly checkpoints?: CheckpointOptions;
	/** What the journal holds: a line per epoch, or the loss and learning rate of each step too. */
	readonly log: "epoch" | "step";
}
