import type { Json } from "../../fingerprint.ts";
import type { Strategy } from "../types.ts";
import {
	asMap,
	augmented,
	evalTransforms,
	photosLike,
	recipeOf,
} from "./recipes.ts";

type Values = { readonly [key: string]: Json };

/**
 * What a strategy says, in the user's own syntax. The note's rule: few photos like those of the pretraining, a linear
 * probe; few unlike them, an SVM on an earlier layer; many like them, fine-tuning; many unlike them, training anew.
 *
 * @param written the user's keys: a preset keeps away from what they settle, so that no two contradict each other
 */
export function presetOf(strategy: Strategy, written: Json): Values {
	const user = asMap(written);
	const own = asMap(user.model);
	const backbone = own.backbone ?? "efficientnet_lite0";
	const { model, train, augments } = PRESETS[strategy](user);
	const { head, ...rest } = model;
	const recipe = recipeOf(backbone);
	const plain = evalTransforms(recipe);
	const transforms = augments
		? { train: augmented(recipe), eval: photosLike(recipe) }
		: plain;
	const isMulti = isSaid(asMap(user.data).multi_label);
	const trained = {
		...(isMulti && { loss: "bce" }),
		...train,
	};
	return {
		...(transforms && !isSaid(user.transforms) && { transforms }),
		model: {
			backbone: "efficientnet_lite0",
			...rest,
			...(head === undefined || isSaid(own.replace) ? {} : { head }),
		},
		...(Object.keys(trained).length > 0 && { train: trained }),
	};
}

/** Of `model` and `train`, and whether training photos are augmented. */
interface Preset {
	readonly model: Values;
	readonly train?: Values;
	readonly augments?: boolean;
}

/**
 * Their numbers were measured on 2026-11-24 with efficientnet_lite0; "photos" are experiments/data/tuxpaint-photos (104
 * train, 43 valid, 5 classes, like ImageNet's), "digits" scikit-learn's (120 train, 200 valid, 10 classes, unlike them).
 *
 * linear_probe: logistic regression is right for 90.3 % of photos in 3 x 5 folds, a linear layer after 20 epochs of Adam
 * at 0.002 for 89.8 %, an SVM for 90.7 %: no difference, and logistic regression has no learning rate to search for.
 *
 * early_layer_svm: at depths 0.25, 0.5, 0.6, 0.75, 0.9 and 1, 68, 74, 81, 89, 87 and 91 % of photos in 3 x 5 folds, but
 * 80.0, 84.0, 81.5, 88.5, 84.5 and 81.0 % of digits.
 *
 * fine_tune: the head first (LP-FT: Kumar et al. 2022, https://arxiv.org/abs/2202.10054). 95.3 % of photos after the
 * probe (loss 0.198); then at 1e-5, 3e-5, 1e-4 and 3e-4, mean of two seeds, 94.2, 96.5, 89.5 and 86.0 % (loss at 3e-5
 * 0.089). BatchNorm keeps ImageNet's statistics: those of so few photos are worse.
 *
 * retrain: pictures of 64 x 64, 60 epochs of AdamW: 60.5 % of photos at 0.001, 69.8 % at 0.003; squeezenet1_1, which has
 * no BatchNorm, after 25 epochs 44.2 % at 0.003 and 55.8 % at 0.0003.
 */
const PRESETS: Readonly<Record<Strategy, (user: Values) => Preset>> = {
	linear_probe: (user) => {
		const model = { freeze: "all" };
		return isTrainedInSteps(user)
			? {
					model: { ...model, head: "linear" },
					train: {
						optimizer: "adam",
						learning_rate: 0.002,
						...epochsOf(user, 20),
					},
				}
			: { model: { ...model, head: "logistic" } };
	},
	early_layer_svm: () => ({
		model: { features: { depth: 0.75 }, freeze: "all", head: "svm" },
	}),
	fine_tune: (user) => ({
		model: { freeze: "none", batch_norm: "eval", head: "linear" },
		train: {
			optimizer: "adam",
			learning_rate: 0.00003,
			batch_size: 16,
			...phasesFor(asMap(user.train).epochs),
		},
	}),
	retrain: (user) => {
		const epochs = asMap(user.train).epochs ?? RETRAIN_EPOCHS;
		const { backbone } = asMap(user.model);
		const warmup_epochs =
			typeof epochs === "number" ? Math.min(5, Math.floor(epochs / 4)) : 0;
		return {
			model: {
				// An .onnx file brings its own, which strategyRules says.
				...(isOnnx(user) ? {} : { weights: "none" }),
				...{ freeze: "none", head: "linear" },
			},
			train: {
				optimizer: { adamw: { weight_decay: 0.05 } },
				learning_rate: WITHOUT_BATCH_NORM.test(String(backbone))
					? 0.0003
					: 0.003,
				schedule: { cosine: { warmup_epochs } },
				...epochsOf(user, RETRAIN_EPOCHS),
				batch_size: 16,
			},
			augments: true,
		};
	},
	/** Until run has measured which of them fits. */
	auto: (user) => PRESETS.linear_probe(user),
};

function isOnnx({ model }: Values): boolean {
	return Object.keys(asMap(asMap(model).backbone)).length > 0;
}

/** Networks whose activations no BatchNorm holds: with the steps of the others they learn less, or nothing. */
const WITHOUT_BATCH_NORM = /^(alexnet|vgg\d+$|squeezenet|convnext|swin|vit)/;

const RETRAIN_EPOCHS = 60;

/** None where the user's phases say their own. */
function epochsOf({ train }: Values, epochs: number): Values {
	return isSaid(asMap(train).phases) ? {} : { epochs };
}

/** The head first, then everything: two thirds of the epochs and the rest. @param epochs what the user says of both */
function phasesFor(epochs: Json | undefined): Values {
	const all = typeof epochs === "number" ? epochs : 12;
	const probe = Math.round((all * 2) / 3);
	const tuning = all - probe;
	// Of one epoch, nothing is left for a probe.
	if (probe === 0 || tuning === 0) return {};
	return {
		phases: [
			{ name: "probe", freeze: "all", epochs: probe, learning_rate: 0.002 },
			{ name: "fine_tune", epochs: tuning },
		],
	};
}

/** What only a head that is trained epoch by epoch can do: several labels, another view each epoch, words of `train`. */
function isTrainedInSteps({ data, transforms, train }: Values): boolean {
	const list = asMap(transforms).train ?? transforms;
	const names = (Array.isArray(list) ? list : []).flatMap((each) =>
		typeof each === "string" ? [each] : Object.keys(asMap(each)),
	);
	return (
		isSaid(asMap(data).multi_label) ||
		names.some((name) => RANDOM.test(name)) ||
		Object.values(asMap(train)).some(isSaid)
	);
}

const RANDOM = /^(Random|ColorJitter$|TrivialAugmentWide$|RandAugment$)/;

function isSaid(value: Json | undefined): boolean {
	return value !== undefined && value !== null;
}
