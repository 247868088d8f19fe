import type { Experiment } from "../experiment/types.ts";
import type { Io } from "./io.ts";

/** Verbs that look at one experiment say so where a file asks for many. */
export function noteSweep({ sweep }: Experiment, io: Io): void {
	if (sweep === undefined) return;
	io.stderr(
		"graft: warning sweep-left-out: the file has a sweep; what is outside of it is taken as one experiment (graft sweep best SWEEP -o FILE writes the best trial's)\n",
	);
}
