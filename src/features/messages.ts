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
}

/** To a worker. */
export type Order =
	| {
			readonly type: "job";
			readonly job: Job;
			/** The file's. */
			readonly bytes: Uint8Array;
	  }
	/** The network's weights, in shared memory. */
	| { readonly type: "weights"; readonly weights: Weights }
	/** No more jobs for now: compute the batch that has begun. */
	| { readonly type: "flush" }
	/** End, between two batches. */
	| { readonly type: "close" };

/** From a worker, one for each job, in any order. */
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
