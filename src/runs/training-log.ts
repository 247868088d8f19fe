import type { Experiment } from "../experiment/types.ts";
import type { EpochEvent, FitEnd, StepEvent } from "../train/types.ts";
import type { Journal } from "./journal.ts";
import { epochMetrics } from "./results.ts";
import type { Resumption } from "./resume.ts";
import type { JournalEvent, Metric } from "./types.ts";

/**
 * What training says, in a journal:
 *
 *   steps   with `log: step`, one event an epoch
 *   metrics each epoch
 *   stop    where training ended before its epochs, or an earlier epoch is the result
 *   metrics restored: that epoch's values once more, a step later, so that the last value of a metric is the result's
 */
export interface TrainingLog {
	/** Kept until its epoch ends; nothing without `log: step`. */
	readonly step: (event: StepEvent) => void;
	readonly epoch: (event: EpochEvent) => void;
	readonly end: (end: FitEnd) => void;
	/** Journals numbers of the result's weights. */
	readonly note: (values: (at: MetricTime) => readonly Metric[]) => void;
	/** Optimizer steps before the end of an epoch. */
	readonly stepOf: (epoch: number) => number | undefined;
	/** Last value of each metric. */
	readonly metrics: () => Readonly<Record<string, number>>;
	readonly history: () => readonly EpochEvent[];
	/** Empty without `log: step`. */
	readonly steps: () => readonly StepEvent[];
	/** As it was journaled. */
	readonly stop: () => Stop | undefined;
}

/** Why training ended before its epochs, or which earlier epoch is the result. */
export type Stop = Pick<
	Extract<JournalEvent, { type: "stop" }>,
	"reason" | "epoch" | "lastEpoch"
>;

/** When a metric was measured. */
export type MetricTime = Pick<Metric, "step" | "timestamp">;

/**
 * Writes to the journal of one run.
 * @param past what the journal holds already: epochs that are trained once more are not journaled again
 */
export function openTrainingLog(
	journal: Journal,
	{ train }: Experiment,
	past?: Resumption,
): TrainingLog {
	const known = past?.history.at(-1)?.epoch ?? 0;
	const metrics: Record<string, number> = { ...past?.record.finalMetrics };
	const history: EpochEvent[] = [...(past?.history ?? [])];
	const steps: StepEvent[] = [...(past?.record.steps ?? [])]
		.filter(({ epoch }) => epoch <= known)
		.map((step) => ({ type: "step", ...step }));
	let written = steps.length;
	/** The weights that are the result so far. */
	let result = { epoch: 0, step: 0 };
	let stop: Stop | undefined;
	const logsSteps = train.log === "step";

	function append(
		values: readonly Metric[],
		mark: { readonly restored?: true } = {},
	): void {
		const { epoch } = result;
		journal.append({ type: "metrics", epoch, ...mark, metrics: values });
		for (const { key, value } of values) metrics[key] = value;
	}

	function valuesOf(event: EpochEvent): readonly Metric[] {
		const timestamp = Date.now();
		const { step, learningRate: value } = event;
		const isConstant = "constant" in train.schedule && !hasWarmup(train);
		const rate = { key: "learning_rate", value, step, timestamp };
		const values = epochMetrics(event, timestamp);
		return isConstant || logsSteps ? values : [...values, rate];
	}

	return {
		step: (event) => {
			if (logsSteps && event.epoch > known) steps.push(event);
		},
		epoch: (event) => {
			if (event.epoch <= known) {
				result = event;
				return;
			}
			const fresh = steps.slice(written);
			written = steps.length;
			if (fresh.length > 0)
				journal.append({
					type: "steps",
					epoch: event.epoch,
					first: fresh[0]?.step ?? 0,
					losses: fresh.map(({ loss }) => loss),
					learningRates: fresh.map(({ learningRate }) => learningRate),
				});
			history.push(event);
			result = event;
			append(valuesOf(event));
		},
		end: ({ epoch, lastEpoch, ended }) => {
			if (ended === "epochs" && epoch === lastEpoch) return;
			const event = history.find((past) => past.epoch === epoch);
			stop = { reason: ended, epoch, lastEpoch };
			journal.append({ type: "stop", ...stop });
			if (epoch === lastEpoch || event === undefined) return;
			const step = result.step + 1;
			result = { epoch, step };
			const values = valuesOf(event).map((metric) => ({ ...metric, step }));
			append(values, { restored: true });
		},
		note: (values) =>
			append(values({ step: result.step, timestamp: Date.now() })),
		stepOf: (epoch) => history.find((past) => past.epoch === epoch)?.step,
		metrics: () => metrics,
		history: () => history,
		steps: () => steps,
		stop: () => stop,
	};
}

function hasWarmup({ schedule }: Experiment["train"]): boolean {
	return "constant" in schedule && schedule.constant.warmup_epochs > 0;
}
