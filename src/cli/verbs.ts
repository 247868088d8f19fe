/** Every verb and option of the program: what `graft help` prints and what the parser accepts. */

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

interface Option {
	/** Placeholder of its value; undefined for a flag. */
	readonly value?: string;
	readonly short?: string;
	readonly choices?: readonly string[];
	readonly summary: string;
}

/** Every option, and how it is written. */
export const OPTIONS: Readonly<Record<OptionName, Option>> = {
	set: {
		value: "KEY=VALUE",
		summary: "change a value of the file, through the same schema (repeatable)",
	},
	format: {
		value: "text|json",
		choices: ["text", "json"],
		summary: "json: one machine-readable value on stdout",
	},
	runs: {
		value: "DIR",
		summary: "where runs are kept (GRAFT_RUNS, else ./runs)",
	},
	cache: {
		value: "DIR",
		summary: "where features are kept (GRAFT_CACHE, else ~/.cache/graft)",
	},
	out: { value: "FILE", short: "o", summary: "the file to write" },
	at: {
		value: "LAYER",
		summary:
			"layer or tensor whose output is wanted (default: the cut of the eval pipeline)",
	},
	layers: { summary: "print every layer of the network" },
	values: {
		summary:
			"print where every value came from: which file and line, --set or default",
	},
	photos: { value: "N", summary: "how many photos to draw (default 6)" },
	draws: {
		value: "N",
		summary: "how many draws of random transforms (default 4)",
	},
	limit: { value: "N", summary: "how many runs to list (default all)" },
	sort: {
		value: "COLUMN",
		summary:
			"column to sort by: when, accuracy, loss, epochs, seconds, name or status (default when)",
	},
	"older-than": {
		value: "DAYS",
		summary: "remove features not used for so many days (default 30)",
	},
	"max-gb": {
		value: "GB",
		summary: "remove the longest unused features until the rest fits",
	},
	to: {
		value: "URL",
		summary:
			"the MLflow server (default: tracking.uri of each run's file, else MLFLOW_TRACKING_URI)",
	},
	port: {
		value: "N",
		summary:
			"the port of the local MLflow (default 5000, another if that is taken)",
	},
	folds: {
		value: "N",
		summary: "parts that the photos are dealt into (default 5)",
	},
	repeats: {
		value: "N",
		summary: "how often they are dealt out anew (default 1)",
	},
	update: { summary: "write today's results into the baseline file" },
	reason: {
		value: "TEXT",
		summary: "why the baseline changes: kept in its history",
	},
	junit: { value: "FILE", summary: "write the checks as JUnit XML too" },
	markdown: {
		value: "FILE",
		summary: "write a summary for pull requests too",
	},
	"no-color": { summary: "plain text" },
	help: { short: "h", summary: "help on a verb" },
	version: { summary: "the version" },
};

/** Options by their long names. */
export type OptionName =
	| "set"
	| "format"
	| "runs"
	| "cache"
	| "out"
	| "at"
	| "layers"
	| "values"
	| "photos"
	| "draws"
	| "limit"
	| "sort"
	| "older-than"
	| "max-gb"
	| "to"
	| "port"
	| "folds"
	| "repeats"
	| "update"
	| "reason"
	| "junit"
	| "markdown"
	| "no-color"
	| "help"
	| "version";

/** What follows the word graft. */
export type VerbName =
	| "run"
	| "check"
	| "plan"
	| "preview"
	| "features"
	| "ls"
	| "show"
	| "cache"
	| "data"
	| "crossval"
	| "finalize"
	| "gate"
	| "compare"
	| "sweep"
	| "task"
	| "sync"
	| "mlflow"
	| "help"
	| "version";

const everywhere = ["format", "cache"] as const;

/** Every verb, its operands and options. */
export const VERBS: Readonly<Record<VerbName, Verb>> = {
	run: {
		usage: "run FILE",
		summary: "run an experiment (the default for a path)",
		least: 1,
		most: 1,
		options: ["set", "runs", ...everywhere],
	},
	check: {
		usage: "check FILE…",
		summary: "find every mistake in experiment files, without running them",
		least: 1,
		most: Number.POSITIVE_INFINITY,
		options: ["set", ...everywhere],
	},
	plan: {
		usage: "plan FILE",
		summary:
			"show what would be done: stages, shapes, the cut, costs, what the cache holds; of a sweep its trials and tasks",
		least: 1,
		most: 1,
		options: ["set", "layers", "values", "runs", ...everywhere],
	},
	preview: {
		usage: "preview FILE",
		summary: "draw photos before and after the transforms (.png or .html)",
		least: 1,
		most: 1,
		options: ["set", "out", "photos", "draws", ...everywhere],
	},
	features: {
		usage: "features FILE --out F.safetensors",
		summary:
			"write what the frozen prefix computes, for scikit-learn or a plot",
		least: 1,
		most: 1,
		options: ["set", "out", "at", ...everywhere],
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
	cache: {
		usage: "cache ls|gc|verify",
		summary: "list, clean or check cached features",
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
		options: ["set", "folds", "repeats", ...everywhere],
	},
	finalize: {
		usage: "finalize RUN",
		summary:
			"open the test split: the accuracy of a finished run on photos that nothing has seen; every look is counted",
		least: 1,
		most: 1,
		options: ["runs", ...everywhere],
	},
	gate: {
		usage: "gate FILE|RUN",
		summary:
			"run an experiment with several seeds and compare with its baseline: exit 3 where the accuracy fell",
		least: 1,
		most: 1,
		options: [
			"set",
			"update",
			"reason",
			"junit",
			"markdown",
			"runs",
			...everywhere,
		],
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
