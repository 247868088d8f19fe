import { basename, dirname, join, resolve } from "node:path";
import { RunError } from "../diagnostic.ts";
import type { TrainState } from "../train/state.ts";
import type { EpochEvent } from "../train/types.ts";
import {
	CHECKPOINTS,
	readState,
	removeStates,
	type StateMark,
	stateFiles,
} from "./checkpoints/state-file.ts";
import { JOURNAL_FILE } from "./journal.ts";
import { readJournal } from "./read-journal.ts";
import { foldJournal, lastValues } from "./record.ts";
import type { JournalEvent, RunRecord } from "./types.ts";

/** A run that ended before its training was over, and where it goes on. */
export interface Resumption {
	readonly record: RunRecord;
	/** The epochs that its journal holds. */
	readonly history: readonly EpochEvent[];
	/** Looks at the machine that its journal holds. */
	readonly looks: number;
	/** Undefined where nothing was kept: it trains from the start, on features that are there. */
	readonly state: TrainState | undefined;
	/** What computed the state. */
	readonly backend: string;
	/** States that were passed over: the errors that naming them would be. */
	readonly warnings: readonly RunError[];
}

/** Epochs and optimizer steps that are not taken again. */
export function placeOf({ state }: Resumption) {
	if (state === undefined) return { epoch: 0, step: 0 };
	const { before, place } = state;
	return {
		epoch: before.epoch + place.epoch - 1,
		step: before.step + place.step + place.taken,
	};
}

/** What the run is now, as the file and the photos have it. */
export type StateFit = Omit<StateMark, "backend">;

/**
 * The run of a folder, or of a state's file in it, for the caller to look at before anything else.
 * @throws RunError "run-is-running", "not-resumable" for a sweep and its trials; what readJournal throws
 */
export function resumable(folder: string): RunRecord {
	const { record } = read(folder);
	const { runId } = record;
	if (record.kind === "sweep")
		throw new RunError("not-resumable", `${runId} is a sweep`, {
			fix: `graft sweep resume ${runId}`,
		});
	if (record.trial !== undefined)
		throw new RunError(
			"not-resumable",
			`${runId} is a trial of the sweep ${record.trial.sweepId}`,
			{ fix: `graft sweep resume ${record.trial.sweepId}` },
		);
	if (record.status === "RUNNING")
		throw new RunError("run-is-running", `run ${runId} is still going on`, {
			fix: "wait for its end, or end its process first",
		});
	return record;
}

/** The run's folder where a word means a state's file in it. */
export function folderOfState(word: string): string | undefined {
	const path = resolve(word);
	const isState =
		/^state-\d+\.safetensors$/.test(basename(path)) &&
		basename(dirname(path)) === CHECKPOINTS;
	return isState ? dirname(dirname(path)) : undefined;
}

/**
 * Finds the newest state that is whole, belongs to this run and does not know of more epochs than the journal.
 * @param file a state that is to be taken and no other
 * @throws RunError "checkpoint-damaged", "checkpoint-foreign" where that file is
 */
export async function openResumption(
	folder: string,
	fit: StateFit,
	file?: string,
): Promise<Resumption> {
	const { record, ...past } = read(folder);
	removeStates(folder, true);
	const warnings: RunError[] = [];
	const epochs = past.history.at(-1)?.epoch ?? 0;
	for (const path of file === undefined ? stateFiles(folder) : [resolve(file)])
		try {
			const { state, mark } = await readState(path);
			refuseForeign(path, mark, fit);
			const done = state.before.epoch + state.place.epoch - 1;
			if (done > epochs) throw ahead(path, done, epochs);
			return { record, ...past, state, backend: mark.backend, warnings };
		} catch (error) {
			if (!(error instanceof RunError) || file !== undefined) throw error;
			warnings.push(error);
		}
	return { record, ...past, state: undefined, backend: "", warnings };
}

function read(folder: string) {
	const content = readJournal(join(folder, JOURNAL_FILE));
	const record = foldJournal(content, resolve(folder));
	let looks = 0;
	for (const event of content.events)
		if (event.type === "system")
			for (const { step } of event.metrics) looks = Math.max(looks, step + 1);
	return { record, looks, history: historyOf(content.events, record) };
}

function refuseForeign(path: string, mark: StateMark, fit: StateFit): void {
	const others = [
		...(mark.runId === fit.runId ? [] : [`of run ${mark.runId}`]),
		...(mark.fingerprint === fit.fingerprint
			? []
			: ["of another experiment, or of other photos or weights"]),
	];
	if (others.length === 0) return;
	throw new RunError(
		"checkpoint-foreign",
		`${path} is ${others.join(", ")}: run ${fit.runId} cannot go on from it`,
		{ fix: `graft run --resume ${fit.runId} takes one of its own` },
	);
}

function ahead(path: string, done: number, epochs: number): RunError {
	return new RunError(
		"checkpoint-foreign",
		`${path} was made after epoch ${done}, and the journal ends with epoch ${epochs}`,
		{ fix: "an older state is taken where the run is named" },
	);
}

/** As training yielded them; how long they took is not known any more. */
function historyOf(
	events: readonly JournalEvent[],
	{ experiment, steps }: RunRecord,
): readonly EpochEvent[] {
	return events.flatMap((event) => {
		if (event.type !== "metrics" || event.restored) return [];
		const { epoch } = event;
		const values = lastValues(event.metrics);
		const last = event.metrics.find(({ key }) => key === "valid/loss");
		if (last === undefined) return [];
		const value = (key: string) => values[key] ?? Number.NaN;
		const rate = steps.findLast((step) => step.epoch === epoch)?.learningRate;
		return [
			{
				...{ type: "epoch" as const, epoch, step: last.step, durationMs: 0 },
				trainLoss: value("train/loss"),
				trainAccuracy: value("train/accuracy"),
				validLoss: value("valid/loss"),
				validAccuracy: value("valid/accuracy"),
				learningRate:
					values.learning_rate ?? rate ?? experiment.train.learning_rate,
			},
		];
	});
}
