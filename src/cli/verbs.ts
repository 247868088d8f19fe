import type { OptionName } from "./options.ts";

/** Every verb of the program: what `graft help` prints and what the parser accepts. */

interface Verb {
	/** After the word graft. */
	readonly usage: string;
	readonly summary: string;
	readonly least: number;
	readonly most: number;
	readonly options: readonly OptionName[];
	/** Called by Graft itself: left out of the overview. */
	readonly hidden?: boolean;
}

/** What follows the word graft. */
export type VerbName =
	| "run"
	| "init"
	| "check"
	| "plan"
	| "preview"
	| "features"
	| "ls"
	| "show"
	| "zoo"
	| "cache"
	| "data"
	| "crossval"
	| "lr"
	| "finalize"
	| "diff"
	| "reproduce"
	| "predict"
	| "export"
	| "gate"
	| "report"
	| "compare"
	| "sweep"
	| "task"
	| "sync"
	| "mlflow"
	| "setup"
	| "doctor"
	| "help"
	| "version";

const everywhere = ["format", "cache"] as const;

/** Every verb, its operands and options. */
export const VERBS: Readonly<Record<VerbName, Verb>> = {
	run: {
		usage: "run FILE | run --resume RUN",
		summary:
			"run an experiment (the default for a path), or go on with a run that was killed",
		least: 1,
		most: 1,
		options: ["set", "device", "resume", "runs", ...everywhere],
	},
	init: {
		usage: "init FOLDER",
		summary:
			"look at the photos of a folder and write an experiment for them, each choice explained by its numbers",
		least: 1,
		most: 1,
		options: ["out", "force", ...everywhere],
	},
	check: {
		usage: "check FILE…",
		summary: "find every mistake in experiment files, without running them",
		least: 1,
		most: Number.POSITIVE_INFINITY,
		options: ["set", "device", ...everywhere],
	},
	plan: {
		usage: "plan FILE",
		summary:
			"show what would be done: stages, shapes, the cut, costs, what the cache holds; of a sweep its trials and tasks",
		least: 1,
		most: 1,
		options: ["set", "device", "layers", "values", "runs", ...everywhere],
	},
	preview: {
		usage: "preview FILE",
		summary: "draw photos before and after the transforms (.png or .html)",
		least: 1,
		most: 1,
		options: ["set", "device", "out", "photos", "draws", ...everywhere],
	},
	features: {
		usage: "features FILE --out F.safetensors",
		summary:
			"write what the frozen prefix computes, for scikit-learn or a plot",
		least: 1,
		most: 1,
		options: ["set", "device", "out", "at", ...everywhere],
	},
	ls: {
		usage: "ls",
		summary: "list runs",
		least: 0,
		most: 0,
		options: ["runs", "limit", "sort", "format"],
	},
	show: {
		usage: "show RUN",
		summary: "everything about one run (an id, its beginning, or latest)",
		least: 1,
		most: 1,
		options: ["runs", "format"],
	},
	zoo: {
		usage: "zoo",
		summary:
			"list the networks that have a name: parameters, FLOPs, accuracy, licence, whether their weights are here",
		least: 0,
		most: 0,
		options: ["search", ...everywhere],
	},
	cache: {
		usage: "cache ls|gc|clear|verify",
		summary:
			"list or clean cached features and fetched weights, check features",
		least: 1,
		most: 1,
		options: ["older-than", "max-gb", ...everywhere],
	},
	data: {
		usage: "data check FILE",
		summary:
			"find duplicates across splits, likely label errors, outliers, unreadable photos; say whether more photos would help",
		least: 1,
		most: 2,
		options: ["set", ...everywhere],
	},
	crossval: {
		usage: "crossval FILE",
		summary:
			"k-fold cross-validation from cached features: mean accuracy with an honest interval, photos that are often wrong",
		least: 1,
		most: 1,
		options: ["set", "device", "folds", "repeats", ...everywhere],
	},
	lr: {
		usage: "lr FILE",
		summary:
			"try growing learning rates on a copy, draw the loss and suggest one",
		least: 1,
		most: 1,
		options: ["set", "device", ...everywhere],
	},
	finalize: {
		usage: "finalize RUN",
		summary:
			"open the test split: the accuracy of a finished run on photos that nothing has seen; every look is counted",
		least: 1,
		most: 1,
		options: ["runs", ...everywhere],
	},
	diff: {
		usage: "diff A B",
		summary:
			"everything in which two runs differ: metrics, photos that changed sides, experiment, data, weights, environment",
		least: 2,
		most: 2,
		options: ["runs", "format"],
	},
	reproduce: {
		usage: "reproduce RUN",
		summary:
			"run a run's own experiment once more and say whether it came to the same, bit for bit or within tolerance",
		least: 1,
		most: 1,
		options: ["runs", ...everywhere],
	},
	predict: {
		usage: "predict RUN PHOTOS…",
		summary:
			"what a run's network takes photos for: files, or folders with photos in them",
		least: 2,
		most: Number.POSITIVE_INFINITY,
		options: ["top", "tta", "explain", "runs", ...everywhere],
	},
	export: {
		usage: "export RUN --to FORMAT [PHOTOS…]",
		summary:
			"write a run's whole network for others (onnx, safetensors, or tfjs with a page that classifies photos), checked on its valid photos or on those named",
		least: 1,
		most: Number.POSITIVE_INFINITY,
		options: ["to", "quantize", "out", "runs", ...everywhere],
	},
	gate: {
		usage: "gate FILE|RUN",
		summary:
			"run an experiment with several seeds and compare with its baseline: exit 3 where the accuracy fell",
		least: 1,
		most: 1,
		options: [
			"set",
			"device",
			"update",
			"reason",
			"junit",
			"markdown",
			"runs",
			...everywhere,
		],
	},
	report: {
		usage: "report RUN|SWEEP",
		summary:
			"make the page of a run or a sweep anew, with where the network looked on the most wrong and least sure photos, and what is odd about its photos",
		least: 1,
		most: 1,
		options: ["out", "no-heat", "no-checks", "runs", ...everywhere],
	},
	compare: {
		usage: "compare SWEEP",
		summary:
			"rank a sweep's points, show what each axis does, and write the page (an id, its beginning, or latest)",
		least: 1,
		most: 1,
		options: ["out", "runs", "format"],
	},
	sweep: {
		usage: "sweep status|watch|resume|cancel|collect|best [SWEEP]",
		summary:
			"how a sweep stands, live or once; go on with it; end it; write its best trial's file (an id, its beginning, or latest)",
		least: 1,
		most: 2,
		options: ["out", "runs", ...everywhere],
	},
	task: {
		usage: "task SWEEP_FOLDER [TASK…]",
		summary: "do tasks of a sweep in this process: what launchers start",
		least: 1,
		most: Number.POSITIVE_INFINITY,
		options: [],
		hidden: true,
	},
	sync: {
		usage: "sync [RUN…]",
		summary:
			"send runs to an MLflow server, what it lacks of them (default: all)",
		least: 0,
		most: Number.POSITIVE_INFINITY,
		options: ["to", "runs", "format"],
	},
	mlflow: {
		usage: "mlflow",
		summary:
			"see all runs in a local MLflow: installs it, starts it, sends the runs, prints the links",
		least: 0,
		most: 0,
		options: ["port", "runs", "cache"],
	},
	setup: {
		usage: "setup native|gpu",
		summary:
			"bring what npm does not: native, tfjs on TensorFlow, which trains several times faster than wasm (--gpu: on an NVIDIA GPU); gpu, CUDA for onnxruntime",
		least: 1,
		most: 1,
		options: ["gpu", "undo", "cache"],
	},
	doctor: {
		usage: "doctor",
		summary:
			"what this machine has: engines, backends, GPU, disk, caches, servers; what is missing, and the command that mends it",
		least: 0,
		most: 0,
		options: ["offline", "runs", ...everywhere],
	},
	help: {
		usage: "help [VERB|KEY|CODE]",
		summary: "explain a verb, a key of the experiment file or an error code",
		least: 0,
		most: 1,
		options: [],
	},
	version: {
		usage: "version",
		summary: "print the version",
		least: 0,
		most: 0,
		options: [],
	},
};
