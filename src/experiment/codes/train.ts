import type { CodeEntry } from "./entry.ts";

/** Errors of schedules, early stopping and class weights. */
export const trainCodes: Readonly<Record<string, CodeEntry>> = {
	"warmup-too-long": {
		title: "The warm-up is as long as training.",
		explanation:
			"warmup_epochs come out of the epochs; at least one must be left for the learning rate's full size.",
		wrong: "train: { epochs: 5, schedule: { cosine: { warmup_epochs: 5 } } }",
		right: "train: { epochs: 5, schedule: { cosine: { warmup_epochs: 1 } } }",
	},
	"milestones-order": {
		title: "The milestones are not ascending.",
		explanation:
			"Each is an epoch after which the learning rate is multiplied by gamma, counted from the end of the warm-up.",
		wrong: "train: { schedule: { multistep: { milestones: [8, 5] } } }",
		right: "train: { schedule: { multistep: { milestones: [5, 8] } } }",
	},
	"eta-min-too-high": {
		title: "The lowest learning rate is above the highest.",
		explanation: "A cosine falls from learning_rate to eta_min.",
		wrong:
			"train: { learning_rate: 0.001, schedule: { cosine: { eta_min: 0.01 } } }",
		right:
			"train: { learning_rate: 0.001, schedule: { cosine: { eta_min: 0.00001 } } }",
	},
	"cosine-rises-again": {
		title: "T_max is shorter than training.",
		explanation:
			"After T_max epochs torch's CosineAnnealingLR goes up again, and so does Graft. Without T_max the learning rate falls to the end. A warning.",
		wrong: "train: { epochs: 10, schedule: { cosine: { T_max: 5 } } }",
		right: "train: { epochs: 10, schedule: cosine }",
	},
	"learning-rate-zero": {
		title: "The learning rate is 0 before training ends.",
		explanation:
			"A polynomial schedule reaches 0 after total_iters epochs; nothing is learnt from then on. A warning.",
		wrong:
			"train: { epochs: 10, schedule: { polynomial: { total_iters: 5 } } }",
		right: "train: { epochs: 10, schedule: polynomial }",
	},
	"option-without-effect": {
		title: "An option can never apply.",
		explanation:
			"It would come into play after training has ended, or depends on another one that is not given. A warning.",
		wrong: "train: { epochs: 10, schedule: { step: { step_size: 10 } } }",
		right: "train: { epochs: 10, schedule: { step: { step_size: 4 } } }",
	},
	"monitor-mode": {
		title: "mode takes the worse for the better.",
		explanation:
			"A loss is better when it is smaller (min), an accuracy when it is larger (max); without mode, the monitored number decides. A warning.",
		wrong: "train: { early_stopping: { monitor: valid/loss, mode: max } }",
		right: "train: { early_stopping: { monitor: valid/loss, mode: min } }",
	},
	"group-rate-twice": {
		title: "A parameter group has learning_rate and lr_scale.",
		explanation:
			"learning_rate is the group's own rate; lr_scale is a share of the scheduled rate. One of them says it.",
		wrong:
			"train: { parameter_groups: [{ layers: [layer4], learning_rate: 0.001, lr_scale: 0.1 }] }",
		right: "train: { parameter_groups: [{ layers: [layer4], lr_scale: 0.1 }] }",
	},
};
