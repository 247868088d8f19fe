import type { Diagnostic } from "../diagnostic.ts";
import { classicalHead } from "../experiment/classical-types.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { Experiment } from "../experiment/types.ts";
import { count } from "../text.ts";
import { placed } from "./place.ts";
import type { Pipeline } from "./types.ts";

/** What mixing the photos of a batch means for the cut. */

/** Why every layer is computed at each step; undefined where nothing is mixed before the cut, as by a head without steps. */
export function mixedPixels({ model, train }: Experiment): string | undefined {
	if (classicalHead(model.head) !== undefined) return undefined;
	const { mixup, cutmix } = train;
	const names = Object.entries({ mixup, cutmix }).flatMap(([name, options]) =>
		options?.space === "pixels" ? [name] : [],
	);
	if (names.length === 0) return undefined;
	const mixes = names.length === 1 ? "mixes" : "mix";
	return `${names.join(" and ")} ${mixes} the photos of a batch, so every layer is computed at each step (space: features mixes cached rows)`;
}

/** CutMix in feature space needs rows with height and width. @param trains the train pipeline of each phase */
export function mixProblems(
	loaded: LoadedExperiment,
	trains: readonly Pick<Pipeline, "featureShape">[],
): readonly Diagnostic[] {
	const { model, train } = loaded.experiment;
	const { cutmix, mixup } = train;
	if (classicalHead(model.head) !== undefined) return [];
	if (cutmix?.space !== "features") return [];
	const vector = trains.find(({ featureShape }) => featureShape.length !== 3);
	if (vector === undefined) return [];
	const { featureShape } = vector;
	return [
		placed(loaded, ["train", "cutmix"], {
			severity: "error",
			code: "cutmix-needs-map",
			message: `cutmix cuts rectangles, but a row of features is ${featureShape.length === 1 ? `a vector of ${count(featureShape[0] ?? 0, "number")}` : featureShape.join(" x ")}`,
			reason:
				"the rows where the frozen part ends have no height and width to cut from",
			fix:
				mixup === undefined
					? "write mixup: { space: features }, or cutmix: { space: pixels }"
					: "leave cutmix out, or write space: pixels in both",
		}),
	];
}
