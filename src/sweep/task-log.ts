import { appendFileSync } from "node:fs";
import { printable } from "../text.ts";
import type { TaskEvent } from "./execute.ts";
import { logFile } from "./folder.ts";

/** Appends a line to a task's log; a log that cannot be written stops nothing. */
export function logLine(
	sweepFolder: string,
	taskId: string,
	text: string,
): void {
	try {
		const line = `${new Date().toISOString()} ${text}\n`;
		appendFileSync(logFile(sweepFolder, taskId), line);
	} catch {
		// The disk is full or the folder gone: the task itself will say so.
	}
}

/** An event as a line of a log; undefined for those that come too often. */
export function eventText(event: TaskEvent): string | undefined {
	switch (event.type) {
		case "start":
			return `trial ${event.trial}: run ${event.runId} begins`;
		case "features":
			return event.done === event.total
				? `features ${event.done}/${event.total}`
				: undefined;
		case "epoch": {
			const { trial, epoch, epochs, metrics } = event;
			const values = Object.entries(metrics).map(
				([key, value]) => `${key} ${value.toFixed(4)}`,
			);
			return `trial ${trial}: epoch ${epoch}/${epochs} ${values.join(" ")}`;
		}
		case "result":
			return `trial ${event.result.trial}: ${event.result.status} in run ${event.result.runId}`;
		case "failure": {
			const { trial, code, message, fix, cause } = event.failure;
			const remedy = fix === undefined ? "" : ` (fix: ${fix})`;
			return `trial ${trial}: FAILED ${code}: ${printable(message)}${remedy}, cause ${cause}`;
		}
		case "warning":
			return `warning ${event.code}: ${printable(event.message)}`;
	}
}
