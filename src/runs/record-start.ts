import type { Experiment } from "../experiment/types.ts";
import type { FeaturesAt } from "../plan/features-at.ts";
import type { StrategyNote } from "./report/extras.ts";
import type { Resumption } from "./resume.ts";
import type { SharedRecord } from "./shared-record.ts";
import type { TrialMark } from "./types.ts";

/** What is known of a run when it begins. */
export interface RecordStart {
	readonly runsFolder: string;
	readonly experiment: Experiment;
	/** Of the plan. */
	readonly fingerprint: string;
	/** The experiment's file as the user named it. */
	readonly source: string;
	readonly argv: readonly string[];
	readonly dataFingerprint: string;
	readonly weightsSha256: string;
	/** onnxruntime's execution provider; undefined: cpu. */
	readonly provider?: string;
	/** Where the head is attached, if the file says it by depth. */
	readonly attached?: readonly FeaturesAt[];
	/** When the command began, of `performance.now()`: what came before the run is its first phase. */
	readonly startedAt: number;
	/** Of a trial of a sweep. */
	readonly trial?: TrialMark;
	/** What `strategy: auto` came to. */
	readonly strategy?: StrategyNote;
	/** A run that ended before its time: this one is to go on with its journal. */
	readonly resume?: Resumption;
	/** Folder name of a trial's first attempt; undefined: `<slug of name>-<first 8 hex of fingerprint>`. */
	readonly runId?: string;
	/** What `graft plan` says of it, kept as plan.txt and plan.json; undefined: not kept. */
	readonly plan?: { readonly text: string; readonly json: unknown };
	/** Whether report.html is built at the end; undefined: yes. `graft report` builds it later from the journal. */
	readonly report?: boolean;
	/** Of a run among many of this process. */
	readonly shared?: SharedRecord;
	readonly onWarning: (code: string, message: string) => void;
}
