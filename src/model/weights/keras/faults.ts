import { RunError } from "../../../diagnostic.ts";
import { printable } from "../../../text.ts";

/** A Keras or TensorFlow.js file that is not well formed; the reader of the file adds its path. */
export class BadKeras extends Error {}

/** The faults of a file's inner parts as "weights-unreadable", which names the file; any other error is passed on. */
export function kerasFault(
	error: unknown,
	path: string,
	what = "Keras file",
): unknown {
	if (!(error instanceof BadKeras)) return error;
	return new RunError(
		"weights-unreadable",
		`${path} is not a whole ${what}: ${printable(error.message)}`,
		{ fix: "fetch or write the file again", cause: error },
	);
}
