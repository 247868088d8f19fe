import { resolve } from "node:path";
import { EXIT } from "../diagnostic.ts";
import { executeTask } from "../sweep/execute.ts";
import { serveTasks } from "../sweep/serve.ts";
import { eventText } from "../sweep/task-log.ts";
import type { Io } from "./io.ts";

/** sysexits.h EX_TEMPFAIL: another live process has the task. */
const BUSY = 75;

/**
 * `graft task FOLDER TASK…`: what a launcher starts. Answers 0 when every trial of the tasks has a result, 1 when one
 * failed (failures/ says why), 75 when another process has a task, 130 when it was ended. Without tasks, as a worker:
 * they come through the channel of the process that started this one.
 */
export async function task(
	[folder = "", ...ids]: readonly string[],
	io: Io,
): Promise<number> {
	const argv = process.argv.slice(2);
	const sweepFolder = resolve(folder);
	if (ids.length === 0) {
		await serveTasks(sweepFolder, argv);
		process.exit(EXIT.ok);
	}
	const killed = new AbortController();
	const end = () => killed.abort(new Error("killed"));
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
		process.on(signal, end);
	let code: number = EXIT.ok;
	for (const id of ids) {
		const { status } = await executeTask(sweepFolder, id, {
			argv,
			signal: killed.signal,
			onEvent: (event) => {
				const text = eventText(event);
				if (text !== undefined)
					io.stdout(`${new Date().toISOString()} ${text}\n`);
			},
		});
		if (status === "KILLED") process.exit(EXIT.killed);
		if (status === "BUSY") code = BUSY;
		if (status === "FAILED" && code === EXIT.ok) code = EXIT.runFailed;
	}
	return code;
}
