import {
	firstLineOf,
	isLong,
	type Located,
	located,
	type Place,
} from "./yaml/source.ts";
import type { MapTree, Tree } from "./yaml/tree.ts";

/**
 * Where in the files the value at a path of the experiment stands: `["model", "freeze", 2]`. A path may
 * be one of the normal form too (`["train", "optimizer", "sgd", "momentum"]`): where the file has a
 * shorthand or nothing, the nearest thing around it that is written. Values of several lines are shown
 * by their key. Undefined when nothing of it is written.
 */
export function locate(
	tree: MapTree,
	path: readonly (string | number)[],
): Located | undefined {
	let at: Tree = tree;
	let best: Place | undefined;
	for (const step of path) {
		if (at.kind === "map") {
			const entry = at.entries.get(String(step));
			if (entry === undefined) break;
			const { key, value }: { key: Place | undefined; value: Tree } = entry;
			best = (isLong(value.at) ? (key ?? value.at) : value.at) ?? best;
			at = value;
		} else if (at.kind === "list") {
			// A list written for the one key that is meant: transforms for train, RandomApply for its transforms.
			if (typeof step === "string") continue;
			const item: Tree | undefined = at.items[step];
			if (item === undefined) break;
			best = item.at ?? best;
			at = item;
		} else break;
	}
	return best === undefined ? undefined : located(firstLineOf(best));
}
