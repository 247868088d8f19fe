/** Normal form of the `sweep` section. */

/** What a sweep prefers: a metric's key and its direction. */
export interface Objective {
	/** `valid/accuracy`, `valid/loss`, … */
	readonly metric: string;
	readonly mode: "max" | "min";
}

/** Swept keys, dotted, → values as typed; what they mean is in src/experiment/sweep. */
type AxisValues = Readonly<Record<string, readonly unknown[]>>;
type AxisPoints = readonly Readonly<Record<string, unknown>>[];

/** Points drawn from a space: dotted key → `{ log_uniform: [0.0001, 1] }`. */
export interface DrawnPoints {
	readonly trials: number;
	readonly seed: number;
	readonly space: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Points asked for in rounds, by Optuna's TPE. */
export interface AskedPoints extends DrawnPoints {
	readonly startup_trials: number;
	/** Points a round. */
	readonly batch: number;
	readonly gamma: number;
	readonly n_ei_candidates: number;
	readonly multivariate: boolean;
}

/** Which trials there are: sections multiply, the last one changes fastest. */
export interface SweepAxes {
	readonly grid?: AxisValues;
	readonly list?: AxisPoints;
	readonly zip?: AxisValues;
	readonly random?: DrawnPoints;
	readonly sobol?: DrawnPoints;
	readonly halton?: DrawnPoints;
	readonly tpe?: AskedPoints;
	readonly when?: readonly {
		readonly match: Readonly<Record<string, unknown>>;
		readonly grid?: AxisValues;
		readonly list?: AxisPoints;
		readonly zip?: AxisValues;
	}[];
	readonly exclude?: AxisPoints;
}

/** Many runs of one file. */
export interface SweepOptions extends SweepAxes {
	/** Runs per point, with seeds seed, seed+1, … */
	readonly seeds: number;
	readonly objective: Objective;
	readonly pruner?: Pruner;
	readonly launcher:
		| { readonly local: LocalLauncher }
		| { readonly slurm: SlurmLauncher };
	readonly on_failure: OnFailure;
	/** Attempts more, by cause; bad input is never tried again. */
	readonly retries: {
		readonly infrastructure: number;
		readonly memory: number;
		readonly nan: number;
	};
}

/** Ends trials early that others have left behind. */
export type Pruner =
	| {
			readonly asha: {
				readonly min_epochs: number;
				readonly reduction_factor: number;
			};
	  }
	| {
			readonly median: {
				readonly min_epochs: number;
				readonly min_trials: number;
			};
	  };

/** What one failed trial does to the others. */
export type OnFailure = "continue" | "stop" | { readonly stop_after: number };

/** Processes on this machine. */
export interface LocalLauncher {
	/** Processes where there is no GPU. */
	readonly workers: number | "auto";
	readonly trials_per_gpu: number;
}

/** sbatch's words. */
export interface SlurmLauncher {
	readonly partition?: string;
	readonly account?: string;
	readonly qos?: string;
	readonly gres?: string;
	readonly time?: string;
	readonly constraint?: string;
	readonly mem?: string;
	readonly cpus_per_task?: number;
	/** Most tasks of one array at once: `%N`. */
	readonly max_running?: number;
	/** Lines that go into the script before the task: `module load …`. */
	readonly setup: readonly string[];
	/** More `#SBATCH` options, as they are. */
	readonly sbatch: readonly string[];
}
