import type { CodeEntry } from "./entry.ts";

/** Errors of the command line, of runs and of the cache. */
export const runCodes: Readonly<Record<string, CodeEntry>> = {
	"unknown-verb": {
		title: "There is no such verb.",
		explanation: "graft help lists the verbs. A path alone means run.",
		wrong: "graft chekc FILE",
		right: "graft check FILE",
	},
	"unknown-option": {
		title: "There is no such option.",
		explanation: "graft help VERB lists a verb's options.",
	},
	"misplaced-option": {
		title: "The verb does not take this option.",
		explanation: "graft help VERB lists a verb's options.",
	},
	"missing-value": {
		title: "An option needs a value.",
		explanation: "It stands behind the option, or after an equals sign.",
		wrong: "graft run FILE --set",
		right: "graft run FILE --set train.epochs=5",
	},
	"missing-operand": {
		title: "The verb needs something to work on.",
		explanation: "graft help VERB shows how it is written.",
	},
	"extra-operand": {
		title: "The verb takes fewer words than were given.",
		explanation: "A path with spaces in it stands in quotes.",
	},
	"no-runs": {
		title: "There is no run yet.",
		explanation:
			"graft run FILE makes one; --runs DIR and GRAFT_RUNS say where runs are.",
	},
	"unknown-run": {
		title: "There is no run of this name.",
		explanation: "graft ls lists the runs; the beginning of an id suffices.",
	},
	"ambiguous-run": {
		title: "Several runs begin like this.",
		explanation: "Write more of the id.",
	},
	"no-journal": {
		title: "The folder is no run.",
		explanation: "A run's folder holds journal.jsonl.",
	},
	"no-start": {
		title: "The journal has no beginning.",
		explanation: "The run ended before it wrote anything. Remove its folder.",
	},
	"journal-damaged": {
		title: "A line of the journal cannot be read.",
		explanation: "What comes before it is used; the message names the line.",
	},
	"journal-write": {
		title: "The journal cannot be written.",
		explanation: "The disk is full, or the folder does not allow it.",
	},
	"runs-folder": {
		title: "The folder of runs cannot be made or read.",
		explanation: "Choose another with --runs DIR or GRAFT_RUNS.",
	},
	"artifact-write": {
		title: "A file of the run cannot be written.",
		explanation: "The disk is full, or the folder does not allow it.",
	},
	"predictions-damaged": {
		title: "The run's predictions cannot be read.",
		explanation: "The file was changed or cut off.",
	},
	died: {
		title: "The run ended without a word.",
		explanation:
			"Its process is gone and its journal has no end: it was killed, or the machine went down.",
	},
	"backend-missing": {
		title: "No tfjs backend could be loaded.",
		explanation: "The message says which were tried and why each failed.",
	},
	"backend-unknown": {
		title: "There is no tfjs backend of this name.",
		explanation: "The message lists them.",
	},
	diverged: {
		title: "The loss is no longer a number.",
		explanation: "The learning rate is too high. Try a tenth of it.",
		wrong: "train: { learning_rate: 10 }",
		right: "train: { learning_rate: 0.001 }",
	},
	"features-not-finite": {
		title: "The network gives infinities or NaN for a photo.",
		explanation:
			"Its weights are damaged, or the pixels are not what it expects.",
	},
	"features-too-large": {
		title: "The features do not fit on the disk or into memory.",
		explanation:
			"Cut later (features), pool them (global_pool), or free space.",
	},
	"out-of-memory": {
		title: "Training needs more memory than there is.",
		explanation:
			"Heads that train side by side lie in memory together. Lower train.batch_size or the width of hidden layers, or let fewer processes work at once.",
	},
	"no-rows": {
		title: "There is no photo to train on.",
		explanation: "All photos of the train split were left out as corrupt.",
	},
	"cache-not-writable": {
		title: "The cache folder cannot be written.",
		explanation: "Choose another with --cache DIR or GRAFT_CACHE.",
	},
	"out-not-writable": {
		title: "The file that was asked for cannot be written.",
		explanation: "Look at the path and its permissions.",
	},
	"stdout-not-writable": {
		title: "The result could not be written to stdout.",
		explanation:
			"The disk behind it is full, say. The work itself is done: a run is recorded in its folder.",
	},
	internal: {
		title: "A fault of Graft itself.",
		explanation:
			"Not your mistake: please report it with the command. GRAFT_DEBUG=1 shows where in Graft it happened.",
	},
	killed: {
		title: "The run was ended by a signal.",
		explanation:
			"Ctrl-C, or a request of the system to end. Features that were finished are kept, so that starting again goes on from there.",
	},
	"worker-died": {
		title: "A worker that decodes photos ended unexpectedly.",
		explanation:
			"Mostly memory ran out. The message holds what the system said.",
	},
	"no-such-photo": {
		title: "A photo that is named is not there.",
		explanation:
			"graft predict takes photo files, and folders that are searched for photos. Nothing is computed until all of them are found.",
	},
	"no-photos-in-folder": {
		title: "A folder that is named holds no photos.",
		explanation:
			"Photos are files that end in .jpg, .jpeg, .png, .webp, .gif, .bmp, .tif or .ppm; hidden files and folders are left out.",
	},
};
