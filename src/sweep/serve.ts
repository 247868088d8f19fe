import { preloadTfjs } from "../engine/backend.ts";
import { executeTask } from "./execute.ts";
import { useGpu } from "./gpus.ts";
import type { WorkerMessage, WorkMessage } from "./messages.ts";
import { eventText, logLine } from "./task-log.ts";

/** How long runs may take to end after a request to end. */
const GRACE_MS = 3_000;

/**
 * A worker process: does the tasks that the runner sends, one after the other, until the channel closes. It outlives
 * no runner: when that is killed, runs end as KILLED and the process with them. Ctrl-C reaches runner and workers
 * alike and is the runner's to decide.
 */
export function serveTasks(
	sweepFolder: string,
	argv: readonly string[],
): Promise<void> {
	const ended = new AbortController();
	return new Promise((resolve) => {
		let work: Promise<void> | undefined;
		const end = () => {
			ended.abort(new Error("killed"));
			setTimeout(resolve, GRACE_MS).unref();
			void (work ?? Promise.resolve()).then(resolve);
		};
		process.on("SIGINT", () => undefined);
		process.on("SIGTERM", end);
		process.on("SIGHUP", end);
		process.on("disconnect", end);
		process.on("message", (message: WorkMessage) => {
			work = serve(sweepFolder, message, argv, ended.signal);
		});
		onGpu();
		// Loaded while the runner still prepares the first task; a backend that does not load is the task's to report.
		preloadTfjs();
	});
}

/** Until this process ends, the machine's other runners see that it uses its GPU, even where its own runner is gone. */
function onGpu(): void {
	const [uuid, place] = process.env.GRAFT_GPU?.split("/") ?? [];
	if (uuid !== undefined) useGpu(uuid, Number(place));
}

async function serve(
	sweepFolder: string,
	{ task, cores }: WorkMessage,
	argv: readonly string[],
	signal: AbortSignal,
): Promise<void> {
	process.env.GRAFT_CORES = String(cores);
	try {
		const outcome = await executeTask(sweepFolder, task.id, {
			task,
			argv,
			signal,
			onEvent: (event) => {
				tell({ type: "event", event });
				const text = eventText(event);
				if (text !== undefined) logLine(sweepFolder, task.id, text);
			},
		});
		tell({ type: "outcome", outcome });
	} catch (error) {
		const { message, stack = message } = error as Error;
		const code = (error as { code?: string }).code ?? "internal";
		logLine(sweepFolder, task.id, stack);
		tell({ type: "fault", code, message, stack });
	}
}

function tell(message: WorkerMessage): void {
	// The channel may be closed: the runner is gone, and `disconnect` ends the work.
	if (process.connected)
		process.send?.(message, undefined, {}, () => undefined);
}
