import { loadExperiment } from "../experiment/load.ts";
import type { Options } from "./arguments.ts";
import type { Io } from "./io.ts";

/** `graft run FILE`: one run, or a sweep where the file has one; mistakes of the file are the run's to say. */
export async function start(
	file: string,
	options: Options,
	io: Io,
): Promise<number> {
	const loaded = loadExperiment(file, options.sets);
	if (loaded.ok && loaded.value.experiment.sweep !== undefined)
		return (await import("./run-sweep.ts")).runSweepFile(
			loaded.value,
			options,
			io,
		);
	return (await import("./run.ts")).run(file, options, io);
}
