import { join } from "node:path";
import type { Objective, Pruner } from "../experiment/types.ts";
import { makeFolder } from "../make-folder.ts";
import { decodeNumber, encodeJson } from "../runs/json.ts";
import type { EpochEvent } from "../train/types.ts";
import { attempt, makeOnce, readJson } from "./folder.ts";
import { type Decision, decide, isBetter, isRung } from "./prune.ts";
import { namesIn } from "./results.ts";

/**
 * Pruning across processes: `rungs/<epoch>/<trial id>.json`, made once, holds what a trial had reached and what was
 * decided. A trial that is run again, for its process died, meets its own decision.
 */
export interface RungRecord {
	readonly value: number;
	readonly decision: Decision;
	/** Trials that had come there before. */
	readonly others: number;
}

/** Asked after each epoch of a trial. */
export type AskEpoch = (event: EpochEvent) => Decision;

/**
 * What a sweep's trials ask in this process; undefined where nothing is pruned.
 * @returns for a trial and its epochs, whom to ask. @throws RunError "sweep-folder" while asked
 */
export function openPruner(
	sweepFolder: string,
	pruner: Pruner | undefined,
	objective: Objective,
): ((trial: string, epochs: number) => AskEpoch) | undefined {
	if (pruner === undefined) return undefined;
	const { metric, mode } = objective;
	const known = new Map<string, Map<string, RungRecord>>();

	/** All that came to an epoch; each file is read once. */
	function comers(place: string): ReadonlyMap<string, RungRecord> {
		const records = known.get(place) ?? new Map<string, RungRecord>();
		known.set(place, records);
		for (const name of namesIn(place))
			if (name.endsWith(".json") && !records.has(name.slice(0, -5)))
				records.set(name.slice(0, -5), readRecord(join(place, name)));
		return records;
	}

	function decideOnce(trial: string, epoch: number, value: number): Decision {
		const place = join(sweepFolder, "rungs", String(epoch));
		return attempt(sweepFolder, () => {
			makeFolder(place);
			const before = comers(place);
			const mine = before.get(trial);
			if (mine !== undefined) return mine.decision;
			const others = [...before.values()].map((record) => record.value);
			const decision = decide({
				pruner: pruner as Pruner,
				mode,
				epoch,
				value,
				others,
			});
			const record: RungRecord = { value, decision, others: others.length };
			const path = join(place, `${trial}.json`);
			if (makeOnce(path, `${encodeJson(record)}\n`)) return decision;
			return readRecord(path).decision;
		});
	}

	return (trial, epochs) => {
		let best = Number.NaN;
		return (event) => {
			const value = objectiveAt(event, metric);
			if (value === undefined || event.epoch >= epochs) return "go on";
			if (isBetter(value, best, mode)) best = value;
			if (!isRung(pruner, event.epoch)) return "go on";
			return decideOnce(trial, event.epoch, "median" in pruner ? best : value);
		};
	};
}

/** What is measured after each epoch. */
function objectiveAt(event: EpochEvent, metric: string): number | undefined {
	switch (metric) {
		case "train/loss":
			return event.trainLoss;
		case "train/accuracy":
			return event.trainAccuracy;
		case "valid/loss":
			return event.validLoss;
		case "valid/accuracy":
			return event.validAccuracy;
		default:
			return undefined;
	}
}

function readRecord(path: string): RungRecord {
	const record = readJson(path) as RungRecord;
	return { ...record, value: decodeNumber(record.value) ?? Number.NaN };
}
