/** Every option of the program: what `graft help` prints and what the parser accepts. */

/** How an option is written. */
export interface Option {
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
	resume: {
		summary:
			"go on with a run that was killed or failed, from its last state; RUN, or the file of a state in its checkpoints/",
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
		summary:
			"where features and fetched weights are kept (GRAFT_CACHE, else ~/.cache/graft)",
	},
	out: {
		value: "FILE",
		short: "o",
		summary: "the file to write; the folder of an export",
	},
	force: { summary: "overwrite the file that is written" },
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
	search: {
		value: "TEXT",
		summary: "only networks with these words in their name or licence",
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
	top: {
		value: "N",
		summary: "how many classes of each photo to print (default 1)",
	},
	gpu: { summary: "with CUDA, for an NVIDIA GPU" },
	undo: { summary: "take away what was set up" },
	offline: { summary: "ask no server" },
	device: {
		value: "auto|cpu|gpu|webgpu|wasm",
		choices: ["auto", "cpu", "gpu", "webgpu", "wasm"],
		summary: "what computes: short for --set device=…",
	},
	to: {
		value: "URL|FORMAT",
		summary:
			"sync: the MLflow server (default: tracking.uri of each run's file, else MLFLOW_TRACKING_URI); export: onnx, safetensors or tfjs",
	},
	quantize: {
		value: "float16",
		choices: ["float16"],
		summary: "tfjs: keep filters and matrices in half the bytes",
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
	"no-heat": {
		summary: "leave out the heat maps, for which the network is run",
	},
	"no-checks": { summary: "leave out the checks of the photos" },
	explain: {
		value: "DIR",
		summary: "write each photo there with where the network looked over it",
	},
	tta: {
		value: "hflip|five_crop|ten_crop",
		choices: ["hflip", "five_crop", "ten_crop"],
		summary:
			"average the probabilities over several views of a photo, as evaluation.tta does (default: one view, whose numbers the run's predictions have)",
	},
	"no-color": { summary: "plain text" },
	help: { short: "h", summary: "help on a verb" },
	version: { summary: "the version" },
};

/** Options by their long names. */
export type OptionName =
	| "set"
	| "resume"
	| "format"
	| "runs"
	| "cache"
	| "out"
	| "force"
	| "at"
	| "layers"
	| "values"
	| "photos"
	| "draws"
	| "search"
	| "limit"
	| "sort"
	| "older-than"
	| "max-gb"
	| "top"
	| "gpu"
	| "undo"
	| "offline"
	| "device"
	| "to"
	| "quantize"
	| "port"
	| "folds"
	| "repeats"
	| "update"
	| "reason"
	| "junit"
	| "markdown"
	| "no-heat"
	| "no-checks"
	| "explain"
	| "tta"
	| "no-color"
	| "help"
	| "version";
