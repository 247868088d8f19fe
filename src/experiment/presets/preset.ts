import type { Json } from "../../fingerprint.ts";
import type { Strategy } from "../types.ts";

type Values = { readonly [key: string]: Json };

/**
 * What a strategy says, in the user's own syntax. The note's rule: few photos like those of the pretraining, a linear
 * probe; few unlike them, an SVM on an earlier layer; many like them, fine-tuning; many unlike them, training anew.
 *
 * @param written the user's keys: a preset keeps away from what they settle, so that no two contradict each other
 */
export function presetOf(strategy: Strategy, written: Json): Values {
	const user = mapOf(written);
	const { model, train } = PRESETS[strategy](user);
	const { replace } = mapOf(user.model);
	const { head, ...rest } = model;
	const keepsHead = replace !== undefined && replace !== null;
	return {
		model: {
			backbone: "efficientnet_lite0",
			...rest,
			...(head === undefined || keepsHead ? {} : { head }),
		},
		...(train && { train }),
	};
}

/** Of `model` and `train`. */
interface Preset {
	readonly model: Values;
	readonly train?: Values;
}

const PRESETS: Readonly<Record<Strategy, (user: Values) => Preset>> = {
	linear_probe: () => ({ model: { freeze: "all", head: "logistic" } }),
	early_layer_svm: () => ({
		model: { features: { depth: 0.6 }, freeze: "all", head: "svm" },
	}),
	fine_tune: () => ({
		model: { freeze: "none", batch_norm: "eval", head: "linear" },
		train: {
			optimizer: "adam",
			learning_rate: 0.00003,
			batch_size: 16,
			phases: [
				{ name: "probe", freeze: "all", epochs: 8, learning_rate: 0.002 },
				{ name: "fine_tune", epochs: 4 },
			],
		},
	}),
	retrain: () => ({
		model: { weights: "none", freeze: "none", head: "linear" },
		train: {
			optimizer: { adamw: { weight_decay: 0.05 } },
			learning_rate: 0.001,
			schedule: { cosine: { warmup_epochs: 5 } },
			epochs: 60,
			batch_size: 16,
		},
	}),
	/** Until run has measured which of them fits. */
	auto: (user) => PRESETS.linear_probe(user),
};

function mapOf(value: Json | undefined): Values {
	return typeof value === "object" && value !== null && !Array.isArray(value)
		? (value as Values)
		: {};
}
