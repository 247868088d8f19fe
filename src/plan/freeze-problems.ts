import type { Diagnostic } from "../diagnostic.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { Go } from "./goes.ts";
import { placed } from "./place.ts";

/** Names in `freeze` that match no layer, and goes in which nothing learns; what phases inherit is said once. */
export function freezeProblems(
	loaded: LoadedExperiment,
	backbone: string,
	goes: readonly Go[],
): readonly Diagnostic[] {
	const told = new Set<string>();
	return goes.flatMap(({ at, unknown, trainable }) => {
		const where = at.join();
		if (told.has(where)) return [];
		told.add(where);
		const found = unknown.map(({ name, nearest, ...place }) =>
			unknownLayer(loaded, backbone, [...at, ...place.at], name, nearest),
		);
		return trainable.length === 0
			? [...found, nothingLearns(loaded, at)]
			: found;
	});
}

function unknownLayer(
	loaded: LoadedExperiment,
	backbone: string,
	at: readonly (string | number)[],
	name: string,
	near: string | undefined,
): Diagnostic {
	return placed(loaded, at, {
		severity: "error",
		code: "unknown-layer",
		message: `"${name}" matches no layer of ${backbone}`,
		reason:
			"freeze takes layer names and globs over them; graft plan --layers lists them",
		...(near === undefined
			? {}
			: { fix: `did you mean "${near}"?`, suggestion: near }),
	});
}

function nothingLearns(
	loaded: LoadedExperiment,
	at: readonly (string | number)[],
): Diagnostic {
	return placed(loaded, [...at, "freeze"], {
		severity: "error",
		code: "nothing-learns",
		message:
			"every parameter is frozen and no layer is new, so there is nothing to train",
		reason:
			"freeze covers the whole network, and neither head nor replace adds a layer with parameters",
		fix: "give the model a head (head: linear), replace its last layer, or freeze less",
	});
}
