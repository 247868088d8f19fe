import { createRun, openJournal } from "../../src/runs/journal.ts";
import { finishedEvents, metricsEvent } from "./example-run.ts";

/** A real process that writes a journal for tests: `writer.ts RUNS NAME [forever]`. Prints its run id. */
const [runs = "", name = "", mode] = process.argv.slice(2);
const { runId, folder } = createRun(runs, `${name}-01234567`);
const journal = openJournal(folder);
const events = finishedEvents(runId);
for (const event of mode === "forever" ? events.slice(0, -1) : events)
	journal.append(event);
process.stdout.write(`${runId}\n`);
for (let epoch = 4; mode === "forever"; epoch++)
	journal.append(
		metricsEvent(epoch, { "valid/loss": 1 / epoch, "valid/accuracy": 0.75 }),
	);
