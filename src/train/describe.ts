import type {
	EarlyStopping,
	LossChoice,
	TrainOptions,
} from "../experiment/types.ts";
import { inline } from "../experiment/yaml/inline.ts";
import type { Json } from "../fingerprint.ts";
import { count } from "../text.ts";
import { photosPerStep } from "./accumulate.ts";
import { learningRate, warmupOf } from "./schedule.ts";
import { ratesOf, schedulePicture, short } from "./schedule-picture.ts";

/** How training is told before it begins: what `graft plan` says of it. Pure. */
export interface TrainingText {
	readonly loss: string;
	readonly optimizer: string;
	/** Name and first, largest and last rate; undefined where the learning rate never changes. */
	readonly schedule: string | undefined;
	/** Drawn, a line each; empty where it never changes or depends on what is measured. */
	readonly picture: readonly string[];
	/** What batches are, accumulation, clipping, the average of the weights, early stopping. */
	readonly more: readonly string[];
	/** Learning rate of the first step of each epoch; empty where it depends on what is measured. */
	readonly rates: readonly number[];
}

/** @param photos in the train split; undefined: not known yet, a step per epoch is assumed */
export function describeTraining(
	train: TrainOptions,
	photos: number | undefined,
): TrainingText {
	const stepsPerEpoch = Math.max(
		1,
		Math.ceil((photos ?? 1) / photosPerStep(train)),
	);
	const { clip_grad_norm: norm, clip_grad_value: value } = train;
	const stopping = train.early_stopping;
	const { accumulate = 1, ema } = train;
	const schedule = scheduleText(train, stepsPerEpoch);
	return {
		loss: lossText(train.loss),
		optimizer: Object.keys(train.optimizer)[0] ?? "",
		schedule,
		picture:
			schedule === undefined || "reduce_on_plateau" in train.schedule
				? []
				: schedulePicture(train, stepsPerEpoch),
		more: [
			...drawText(train),
			...(accumulate === 1
				? []
				: [
						`gradients of ${accumulate} batches added up: a step is ${photosPerStep(train)} photos`,
					]),
			...(value === undefined ? [] : [`gradients cut off at ${value}`]),
			...(norm === undefined ? [] : [`gradients scaled to norm ${norm}`]),
			...(ema === undefined
				? []
				: [
						`evaluates and keeps an average of the weights, decay ${ema.decay}${ema.warmup ? " after a warm-up" : ""}`,
					]),
			...(stopping === undefined ? [] : [stoppingText(stopping)]),
		],
		rates:
			"reduce_on_plateau" in train.schedule
				? []
				: Array.from({ length: train.epochs }, (_, index) =>
						learningRate(train, {
							epoch: index + 1,
							step: index * stepsPerEpoch,
							stepsPerEpoch,
						}),
					),
	};
}

function lossText(loss: LossChoice): string {
	const [[name, options]] = Object.entries(loss) as [[string, object]];
	const given = Object.entries(options).filter(
		([key, value]) => key !== "label_smoothing" || value !== 0,
	);
	if (given.length === 0) return name;
	return `${name} (${given.map(([key, value]) => `${key} ${inline(value as Json)}`).join(", ")})`;
}

/** What an epoch's batches are. */
function drawText({
	sampling,
	mixup,
	cutmix,
}: Pick<TrainOptions, "sampling" | "mixup" | "cutmix">): string[] {
	const mixes = Object.entries({ mixup, cutmix }).flatMap(([name, options]) =>
		options === undefined
			? []
			: [
					`${name} of ${options.space}, alpha ${options.alpha}${options.prob < 1 ? `, ${options.prob} of the batches` : ""}`,
				],
	);
	return [
		...(sampling === "class_balanced" ? ["photos drawn class by class"] : []),
		...(mixes.length === 0 ? [] : [mixes.join(" or ")]),
	];
}

function stoppingText({ monitor, patience, restore_best }: EarlyStopping) {
	const end = `ends after ${count(patience, "epoch")} without a better ${monitor}`;
	return restore_best ? `${end}, keeps the best epoch` : end;
}

function scheduleText(
	train: TrainOptions,
	stepsPerEpoch: number,
): string | undefined {
	const { schedule } = train;
	const [name = ""] = Object.keys(schedule);
	const { warmup_epochs } = warmupOf(schedule);
	if (name === "constant" && warmup_epochs === 0) return undefined;
	const warmup =
		warmup_epochs === 0 ? "" : `, warm-up ${count(warmup_epochs, "epoch")}`;
	if ("reduce_on_plateau" in schedule) {
		const { factor, patience, monitor } = schedule.reduce_on_plateau;
		return `${name}${warmup}: times ${factor} after more than ${count(patience, "epoch")} without a better ${monitor}`;
	}
	return `${name}${warmup}: ${turns(ratesOf(train, stepsPerEpoch)).join(" → ")}`;
}

/** First, largest and last rate, to three digits. */
function turns(rates: readonly number[]): readonly string[] {
	const first = rates[0] ?? 0;
	const last = rates.at(-1) ?? 0;
	const peak = rates.reduce((a, b) => Math.max(a, b), 0);
	const middle = peak > first && peak > last ? [peak] : [];
	return [first, ...middle, last].map(short);
}
