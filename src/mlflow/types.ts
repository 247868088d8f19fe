/** What a run is on a server: what should be there, what is there, and the difference. */

export interface Point {
	/** As the server spells it. */
	readonly key: string;
	readonly value: number;
	readonly step: number;
	/** ms since 1970. */
	readonly timestamp: number;
}

export interface DatasetInput {
	readonly name: string;
	/** At most 36 characters. */
	readonly digest: string;
	readonly context: string;
	readonly source: string;
	readonly schema: string;
	readonly profile: string;
}

/** A file of the run, or a text made from its record. */
export interface Artifact {
	readonly path: string;
	/** Bytes. */
	readonly size: number;
	readonly content: { readonly file: string } | { readonly text: string };
	/** True: it is not what was sent last, whatever its size. */
	readonly isChanged?: boolean;
}

export interface Contents {
	readonly params: ReadonlyMap<string, string>;
	readonly tags: ReadonlyMap<string, string>;
	readonly points: readonly Point[];
	readonly datasets: readonly DatasetInput[];
	readonly artifacts: readonly Artifact[];
}

/** A run's contents, and what is said when it is made and when it ends. */
export interface RunContents extends Contents {
	readonly runName: string;
	readonly experimentName: string;
	/** Finds the run again. */
	readonly identity: {
		readonly runId: string;
		readonly started: string;
	};
	/** ms since 1970. */
	readonly startTime: number;
	readonly status: "RUNNING" | "FINISHED" | "FAILED" | "KILLED";
	readonly endTime: number | undefined;
	readonly user: string | undefined;
	/** Of a trial: its sweep's run, which has its place first. */
	readonly parent: Parent | undefined;
	/** The result first, then checkpoints; none while the run goes on, or where no model is wanted. */
	readonly models: readonly ModelContents[];
}

/** A metric of a model, and the data it was measured on. */
export interface ModelPoint extends Point {
	readonly dataset?: { readonly name: string; readonly digest: string };
}

/** What MLflow keeps as a LoggedModel. */
export interface ModelContents {
	readonly name: string;
	readonly modelType: string;
	/** Global step of the weights. */
	readonly step: number;
	readonly params: ReadonlyMap<string, string>;
	readonly tags: ReadonlyMap<string, string>;
	readonly files: readonly Artifact[];
	/** The file that names the others; it holds the ids that the server gives. */
	readonly mlmodel: (ids: {
		readonly modelId: string;
		readonly runId: string;
	}) => Artifact;
	readonly points: readonly ModelPoint[];
	/** Its name in the registry, and the alias of its newest version. */
	readonly register:
		| { readonly name: string; readonly alias: string | undefined }
		| undefined;
}

/** The run that others are children of. */
export interface Parent {
	readonly contents: RunContents;
	/** Its id and its experiment's on the server, where they are known already. */
	readonly runId?: string;
	readonly experimentId?: string;
	/** Of a sweep that is over and registers its best: the folder of that trial's run. */
	readonly best?: string;
}

/** What the server has of a run. */
export interface Held {
	readonly params: ReadonlyMap<string, string>;
	readonly tags: ReadonlyMap<string, string>;
	/** pointName of each. */
	readonly points: ReadonlySet<string>;
	/** `name digest`. */
	readonly datasets: ReadonlySet<string>;
	/** Path → bytes. */
	readonly artifacts: ReadonlyMap<string, number>;
	readonly status: string;
	readonly endTime: number | undefined;
}

export const KINDS = [
	"params",
	"tags",
	"points",
	"datasets",
	"artifacts",
] as const;

export type Counts = Readonly<Record<(typeof KINDS)[number], number>>;

export const NO_COUNTS: Counts = {
	params: 0,
	tags: 0,
	points: 0,
	datasets: 0,
	artifacts: 0,
};

export function addCounts(a: Counts, b: Counts): Counts {
	return Object.fromEntries(
		KINDS.map((kind) => [kind, a[kind] + b[kind]]),
	) as unknown as Counts;
}

export function totalOf(counts: Counts): number {
	return KINDS.reduce((sum, kind) => sum + counts[kind], 0);
}

export function countsOf(contents: Contents): Counts {
	const { params, tags, points, datasets, artifacts } = contents;
	return {
		params: params.size,
		tags: tags.size,
		points: points.length,
		datasets: datasets.length,
		artifacts: artifacts.length,
	};
}
