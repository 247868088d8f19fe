import { count } from "../text.ts";
import type { OwnClasses } from "./own-classes.ts";
import type { Told } from "./told-share.ts";
import type { DepthMeasures, Size, Trial } from "./types.ts";

/** What was measured, in sentences for people. */

/** `92.3 %` */
export function percent(share: number): string {
	return `${(100 * share).toFixed(1)} %`;
}

/** How many photos there are, and whether that is many. */
export function sizeSentence(
	{ photos, classes, least, median, most }: Size,
	many: number,
): string {
	const each =
		least === most
			? `${least} each`
			: `${median} in the middle one (${least} … ${most})`;
	return `${count(photos, "training photo")} of ${count(classes, "class", "classes")}, ${each}: ${median >= many ? `many, as from ${many} a class on` : `few, as below ${many} a class`}`;
}

/** What the network's own classes say. */
export function ownSentence(
	own: OwnClasses & Told,
	alike: number,
	unlike: number,
): string {
	const { share, classes, confidence, leep, chance } = own;
	const sure = `it is sure by ${confidence.toFixed(2)} on average`;
	if (share === undefined)
		return `what the network's own ${classes} classes tell of the labels cannot be told from chance with so few photos a class; ${sure}`;
	const verdict =
		share >= alike
			? "like its own photos"
			: share <= unlike
				? "unlike its own photos"
				: "neither like its own photos for sure nor unlike them";
	return `the network's own ${classes} classes tell ${percent(Math.max(0, share))} of the labels beyond chance (LEEP ${leep.toFixed(2)}, by chance ${chance.toFixed(2)}): ${verdict} (like from ${percent(alike)}, unlike up to ${percent(unlike)}); ${sure}`;
}

/** Where in the network the classes separate best. */
export function layersSentence(
	last: DepthMeasures,
	early: DepthMeasures,
	decides: boolean,
): string {
	const isLast = (last.neighbours ?? 0) >= (early.neighbours ?? 0);
	const where = isLast
		? "at its end, as of its own photos"
		: "before its end, as of photos unlike its own";
	return `nearest neighbours tell ${percent(last.neighbours ?? 0)} right by the last features and ${percent(early.neighbours ?? 0)} at best before them (depth ${early.depth}, ${early.layer}; LogME ${last.logMe.toFixed(2)} and ${early.logMe.toFixed(2)}): the classes separate best ${where}${decides ? ", which decides" : ""}`;
}

/** What was tried from the cache. */
export function trialSentence(trials: readonly Trial[]): string {
	const each = trials.map(({ head, depth, accuracy }) =>
		depth === 1
			? `${head} on the last features ${percent(accuracy)}`
			: `${head} at depth ${depth} ${percent(accuracy)}`,
	);
	return `tried on held-out folds of the training photos: ${each.join(", ")}`;
}
