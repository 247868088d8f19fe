import type { Diagnostic } from "../diagnostic.ts";
import type { LoadedExperiment } from "../experiment/load.ts";

/** The diagnostic, put at the place of a key in the experiment's file (its nearest parent where the key is a default). */
export function placed(
	loaded: LoadedExperiment,
	path: readonly (string | number)[],
	problem: Diagnostic,
): Diagnostic {
	const place = loaded.locate(path);
	return place === undefined
		? { ...problem, file: loaded.file }
		: { ...problem, ...place };
}
