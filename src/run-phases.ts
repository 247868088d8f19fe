import type { Dataset } from "./data/types.ts";
import { phasesOf } from "./experiment/phases.ts";
import type { TrainOptions } from "./experiment/types.ts";
import {
	type LabelledRows,
	type RowsRequest,
	type RunRows,
	runRows,
} from "./features/rows.ts";
import { parameterGroups } from "./plan/groups.ts";
import { phasePlans } from "./plan/phases.ts";
import { suffixOf } from "./plan/suffix.ts";
import type { Plan } from "./plan/types.ts";
import type { Prepared } from "./prepare.ts";
import type { PhaseStart, TrainedSofar } from "./train/fit-phases.ts";
import { startWeights } from "./train/start-weights.ts";
import type { FitInput } from "./train/types.ts";

/** What the phases of a run have in common. */
export interface PhasesRequest
	extends Pick<
			RowsRequest,
			"cacheFolder" | "onProgress" | "onWarning" | "signal"
		>,
		Pick<FitInput, "onEpoch" | "onPhotos" | "keeper" | "rhythm" | "resume"> {
	readonly prepared: Prepared;
	/** Told when a phase begins, before its rows are looked for. */
	readonly onPhase?: () => void;
	/** Told once the rows of a phase are there, before it trains. */
	readonly onRows: (rows: RunRows, plan: Plan) => Promise<void>;
}

/** The phases of a run, or the one go that it trains in; each opens its rows, at its own cut, when it begins. */
export function runPhases(request: PhasesRequest): readonly PhaseStart[] {
	const { prepared, cacheFolder, onPhase, onRows, resume, ...told } = request;
	const { plan, loaded, backbone } = prepared;
	const { experiment } = loaded;
	const { onProgress, onWarning, signal, ...watching } = told;
	const goes = phasesOf(experiment);
	let { dataset } = prepared;
	return phasePlans(plan).map((phase, index) => ({
		name: phase.name,
		async begin(sofar) {
			if (dataset === undefined)
				throw new Error("internal: a run needs its photos");
			onPhase?.();
			const options = goes?.[index]?.options ?? experiment.train;
			const rows = await runRows({
				...{ plan: phase, dataset, cacheFolder },
				...{ onProgress, onWarning, signal },
				experiment: {
					...experiment,
					train: lasting(options, sofar.before.epoch),
				},
				loadWeights: backbone.loadWeights,
				firstEpoch: sofar.before.epoch + 1,
			} as RowsRequest);
			dataset = rows.dataset;
			try {
				await onRows(rows, phase);
				return {
					input: {
						...(await inputOf(prepared, phase, options, sofar)),
						trainRows: rows.train,
						...(rows.live && { live: rows.live }),
						validRows: rows.valid,
						...watching,
						...(resume?.earlier.phase === index && { resume }),
						...(signal && { signal }),
					},
					close: rows.close,
				};
			} catch (error) {
				await rows.close();
				throw error;
			}
		},
	}));
}

/** Epochs are counted through all phases. */
function lasting(options: TrainOptions, before: number): TrainOptions {
	return { ...options, epochs: before + options.epochs };
}

/** What one phase trains, its rows aside. */
export async function inputOf(
	{ loaded, backbone, dataset }: Prepared,
	phase: Plan,
	options: TrainOptions,
	{ phase: index, trained, before }: TrainedSofar,
	seed = loaded.experiment.seed,
): Promise<Omit<FitInput, "trainRows" | "validRows">> {
	const start = await startWeights(phase, seed, backbone.loadWeights);
	const groups = parameterGroups(phase, options);
	return {
		trainSuffix: suffixOf(phase, phase.train),
		evalSuffix: suffixOf(phase, phase.eval),
		weights: trained.size === 0 ? start : new Map([...start, ...trained]),
		trainable: phase.trainable,
		...(groups && { groups }),
		buffers: phase.buffers,
		options,
		seed,
		before,
		earlier: { phase: index, trained },
		classNames: (dataset as Dataset | undefined)?.classNames ?? [],
	};
}

/** The phases on rows that are there, all cut where the whole plan is: what cross-validation trains. */
export function phasesOnRows(
	prepared: Prepared,
	rows: { readonly train: LabelledRows; readonly valid: LabelledRows },
	seed: number,
	signal: AbortSignal,
): readonly PhaseStart[] {
	const { plan, loaded } = prepared;
	const goes = phasesOf(loaded.experiment);
	return phasePlans(plan).map(({ name, trainable, buffers }, index) => ({
		name,
		begin: async (sofar) => ({
			input: {
				...(await inputOf(
					prepared,
					{ ...plan, trainable, buffers },
					goes?.[index]?.options ?? loaded.experiment.train,
					sofar,
					seed,
				)),
				trainRows: () => Promise.resolve(rows.train),
				validRows: rows.valid,
				signal,
			},
			close: () => Promise.resolve(),
		}),
	}));
}
