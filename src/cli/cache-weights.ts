import {
	type KeptWeights,
	listWeights,
	removeWeights,
} from "../model/weights/kept.ts";
import { bytes, table } from "../text.ts";

/** Fetched weights in what `graft cache` says and does. */

/** A table of them, without a line where there are none. */
export function weightsTable(
	weights: readonly KeptWeights[],
): readonly string[] {
	if (weights.length === 0) return [];
	return table(
		[
			["weights", "size", "last used (UTC)"],
			...weights.map((file) => [
				file.name,
				bytes(file.bytes),
				minute(file.lastUsed),
			]),
		],
		["left", "right", "left"],
	);
}

/** `2026-11-24 16:38` */
export function minute(time: Date): string {
	return time.toISOString().slice(0, 16).replace("T", " ");
}

/** For machines. */
export function weightsJson({ name, path, bytes, lastUsed }: KeptWeights) {
	return { kind: "weights", name, path, bytes, last_used: lastUsed };
}

/**
 * Removes weights that were not used since `oldest`, and the least recently used until the rest is no larger than
 * `room`. @returns what was removed.
 */
export function collectWeights(
	cache: string,
	oldest: number | undefined,
	room: number | undefined,
): readonly KeptWeights[] {
	let kept = 0;
	const removed = listWeights(cache).filter((file) => {
		const isUnwanted =
			(oldest !== undefined && file.lastUsed.getTime() < oldest) ||
			(room !== undefined && kept + file.bytes > room);
		if (!isUnwanted) kept += file.bytes;
		return isUnwanted;
	});
	removeWeights(cache, removed);
	return removed;
}
