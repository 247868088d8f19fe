import type { TaskEvent, TaskOutcome } from "./execute.ts";
import type { Task } from "./types.ts";

/** What a runner and its worker processes say to each other over node's channel; plain data. */

/** Runner to worker: the next task, and how many cores it may use. */
export interface WorkMessage {
	readonly type: "task";
	readonly task: Task;
	readonly cores: number;
}

/** Worker to runner. */
export type WorkerMessage =
	| { readonly type: "event"; readonly event: TaskEvent }
	| { readonly type: "outcome"; readonly outcome: TaskOutcome }
	| {
			readonly type: "fault";
			readonly code: string;
			readonly message: string;
			readonly stack: string;
	  };
