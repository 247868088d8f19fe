import type { Settings } from "./settings.ts";

/** What the sending thread is told, and what it says. */

export interface FollowData {
	readonly folder: string;
	readonly settings: Settings;
	/** The folder is a sweep's: its trials are sent too. */
	readonly isSweep: boolean;
}

/** What the thread says. */
export type FollowMessage =
	| {
			readonly type: "place";
			readonly experimentId: string;
			readonly runId: string;
			readonly url: string;
	  }
	| {
			/** Of a sweep: its runs so far, and those that are over and on the server. */
			readonly type: "progress";
			readonly whole: number;
			readonly total: number;
	  }
	| { readonly type: "problem"; readonly message: string }
	| { readonly type: "done"; readonly isComplete: boolean };
