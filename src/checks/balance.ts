import { count } from "../text.ts";
import type { Balance } from "./types.ts";

/** Below as many training photos a class is hard to learn from features. */
const FEW = 10;
/** Counts that differ by more are worth weights. */
const UNEVEN = 3;

/** How evenly the classes are filled, and what to do about it. @param counts training photos a class. */
export function balanceOf(
	classNames: readonly string[],
	counts: readonly number[],
): Balance {
	const filled = counts.filter((photos) => photos > 0);
	const ratio =
		filled.length === 0 ? 1 : Math.max(...filled) / Math.min(...filled);
	const advice: string[] = [];
	const few = classNames.filter((_, label) => (counts[label] ?? 0) < FEW);
	if (few.length > 0)
		advice.push(
			`${few.slice(0, 5).join(", ")}${few.length > 5 ? ` and ${few.length - 5} more` : ""}: fewer than ${FEW} training photos; collect more there first`,
		);
	if (ratio > UNEVEN) {
		const most = counts.indexOf(Math.max(...counts));
		advice.push(
			`${classNames[most]} has ${ratio.toFixed(1)} times the photos of the smallest class (${count(Math.min(...filled), "photo")}): write class_weights: balanced under train.loss, and judge by valid/balanced_accuracy`,
		);
	}
	return { counts, ratio, advice };
}
