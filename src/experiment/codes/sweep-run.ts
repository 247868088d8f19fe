import type { CodeEntry } from "./entry.ts";

/** Failures of a sweep while it runs, and of the verbs that look at one. */
export const sweepRunCodes: Readonly<Record<string, CodeEntry>> = {
	"sweep-folder": {
		title: "Nothing can be written into the sweep's folder.",
		explanation:
			"The message holds what the system said: a full disk, or a folder that may not be written. What is there is whole; graft run FILE goes on from it.",
	},
	"no-best": {
		title: "No trial of the sweep is finished, so none is the best.",
		explanation:
			"graft sweep status SWEEP shows how far it is; graft run FILE goes on with it.",
	},
	"sweep-damaged": {
		title: "A file of the sweep's folder cannot be read.",
		explanation:
			"Graft writes each of them whole, so it was changed or removed from outside. graft run FILE writes sweep.json and trials.jsonl again; a damaged result can be removed, and its trial is run again.",
	},
	"sweep-changed": {
		title: "The sweep's file has changed since it was started.",
		explanation:
			"A sweep with tpe asks for its next points by its file. graft sweep resume goes on with the sweep as it was started; graft run FILE starts what the file says now, and keeps finished trials of both.",
	},
	"round-refused": {
		title: "A point that tpe asked for is no experiment.",
		explanation:
			"The bounds of every key and the first points were right, so two values do not go together. A narrower space, in which all values go together, asks for others.",
	},
	"unknown-task": {
		title: "The sweep has no such task.",
		explanation:
			"The file was edited and started again since, so that the work is divided in another way.",
	},
	"unknown-sweep": {
		title: "There is no sweep of this name.",
		explanation:
			"A sweep is named by its id, the beginning of one id only, latest, or its folder; graft ls lists them.",
	},
};
