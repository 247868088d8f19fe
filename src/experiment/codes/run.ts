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
		explanation:
			"The learning rate is too high. Try a tenth of it, let it rise slowly (warmup_epochs), or limit what a step may do (clip_grad_norm). What was best before stays in the run's checkpoints/.",
		wrong: "train: { learning_rate: 10 }",
		right: "train: { learning_rate: 0.001 }",
	},
	"loss-exploding": {
		title: "The loss has become many times what it was.",
		explanation:
			"Training goes on, but it is learning nothing: the learning rate is too high. Try a tenth of it, let it rise slowly (warmup_epochs), or limit what a step may do (clip_grad_norm). A warning.",
		wrong: "train: { learning_rate: 10 }",
		right: "train: { learning_rate: 0.001, clip_grad_norm: 1 }",
	},
	"micro-batch": {
		title: "A batch did not fit into memory and passes the network in parts.",
		explanation:
			"The gradients of the parts are added up, so that each step is that of the whole batch; it only takes longer. BatchNormalization that learns takes its statistics of a part instead of the batch. A warning.",
	},
	"run-is-running": {
		title: "A run that is still going on cannot be gone on with.",
		explanation: "Wait for its end, or end its process first.",
	},
	"not-resumable": {
		title: "Only a run of its own can be gone on with.",
		explanation:
			"A sweep and its trials go on with graft sweep resume, which runs what is missing.",
	},
	"checkpoint-damaged": {
		title: "The file of a state is not as it was written.",
		explanation:
			"Its checksum, or its form, does not fit its contents. Where the run is named, the newest intact state is taken, with a warning.",
	},
	"checkpoint-foreign": {
		title: "The file of a state belongs to something else.",
		explanation:
			"It was written by another run, of another experiment, or of other photos or weights, or it is ahead of the run's journal.",
	},
	"backend-changed": {
		title: "A run cannot go on where another tfjs backend computes.",
		explanation:
			"Backends add up in different orders, so that the rest of the run would not be what it would have come to. Set up the same backend (graft doctor), or run the experiment anew.",
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
			"Heads that train side by side lie in memory together: lower train.batch_size or the width of hidden layers, or let fewer processes work at once. A network that trains alone passes fewer and fewer photos at once, down to one; then freeze more layers, use smaller photos, or train on the native backend (graft setup native), which has more than 4 GB.",
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
	"export-exists": {
		title: "The folder to export to is there already.",
		explanation: "graft export overwrites nothing.",
	},
	"export-not-writable": {
		title: "The folder to export to cannot be written.",
		explanation:
			"The disk is full, or you may not write there. Nothing is left behind.",
	},
	"export-not-a-layer": {
		title: "The head of the run is no layer of a network.",
		explanation:
			"knn compares a photo with those it was fitted on, nearest_mean by cosine with the directions of classes; linear, mlp, logistic, svm, ridge and a euclidean nearest_mean are layers that can be written down.",
	},
	"export-unsupported": {
		title: "A layer of the network cannot be written in this format.",
		explanation:
			"TensorFlow.js knows fewer operators than ONNX. The message names the layer and its operator; onnx and safetensors hold every network.",
	},
	"export-no-photos": {
		title: "There is no photo to check the export on.",
		explanation:
			"An export is read back and must give the run's own answers on its valid photos, or on photos that are named after the run.",
	},
	"export-differs": {
		title: "The exported network gives another answer than the run.",
		explanation:
			"Every photo of the check must get the class that the run gives it. A run with model.precision: int8 learnt from rounded features, which the exported float32 network does not make.",
	},
};
