import type { Weights } from "../model/types.ts";
import type { Gate } from "./gate.ts";
import type { Prefix } from "./prefix.ts";

/** What a worker is born with. */
export interface WorkerData {
	readonly prefix: Prefix;
	readonly gate: Gate;
}

/** One photo to be worked on. */
export interface Job {
	/** Number of the row. */
	readonly row: number;
	/** Absolute. */
	readonly file: string;
	readonly sha256: string;
	/** Names the random stream of this pass; 0 where nothing is random. */
	readonly view: number;
	/** Whether it is only to be seen if the photo can be decoded: its row is empty. */
	readonly isCheck?: boolean;
}

/** A batch that all workers share out among themselves: whoever is free takes the next photo, and asks nobody. */
export interface BatchOrder {
	readonly type: "batch";
	readonly batch: number;
	/** `row` is the place in the batch. */
	readonly jobs: readonly Job[];
	/** float32 [jobs, …featureShape] in shared memory: rows are written where they belong. */
	readonly target: Float32Array<SharedArrayBuffer>;
	/** One number: the job that is next. */
	readonly next: Int32Array<SharedArrayBuffer>;
}

/** To a worker. */
export type Order =
	| {
			readonly type: "job";
			readonly job: Job;
			/** The file's. */
			readonly bytes: Uint8Array;
	  }
	| BatchOrder
	/** The network's weights, in shared memory. */
	| { readonly type: "weights"; readonly weights: Weights }
	/** No more jobs for now: compute the batch that has begun. */
	| { readonly type: "flush" }
	/** End, between two batches. */
	| { readonly type: "close" };

/** From a worker, once it has nothing more to do with a batch. */
export interface BatchReport {
	readonly type: "batch";
	readonly batch: number;
	/** Jobs that this worker took. */
	readonly done: number;
	/** Of those among them that have no row. */
	readonly troubles: readonly Trouble[];
}

/** Why there is no row. */
export type Trouble = Exclude<Answer, { readonly type: "rows" }>;

/** From a worker, one for each job of type "job", in any order. */
export type Answer =
	| {
			readonly type: "rows";
			readonly rows: readonly number[];
			/** float32 [rows, …featureShape]. */
			readonly features: Float32Array;
	  }
	| {
			readonly type: "corrupt";
			readonly row: number;
			readonly reason: string;
	  }
	/** After the transforms the photo does not have the shape that the network takes. */
	| {
			readonly type: "size";
			readonly row: number;
			readonly shape: readonly number[];
	  }
	| {
			readonly type: "failed";
			/** Undefined where the network itself failed. */
			readonly row: number | undefined;
			readonly code: string;
			readonly message: string;
			readonly fix: string | undefined;
	  };
