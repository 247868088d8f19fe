import type { Sample } from "../data/types.ts";
import { type Picture, samePicture } from "./pictures.ts";
import type { Neighbours } from "./similar.ts";
import type { DuplicateGroup } from "./types.ts";

/**
 * Photos that are the same picture.
 *
 *   equal bytes ─ exact groups
 *   nearest neighbours by features ─ likely pairs ─ their small pictures agree? ─ near groups
 *
 * Features alone say "alike", which two photos of one dog are too; pixels alone call two white backgrounds the same.
 * Both together are right; the README says how often.
 */

/** Neighbours that are looked at. */
export const DUPLICATE_NEIGHBOURS = 5;
/** Cosine of features above which two photos may be the same. */
const ALIKE = 0.75;
/** Correlation of the pictures above which they are. */
const SAME = 0.93;
/** Cosine above which less agreement of the pictures suffices. */
const TWIN = 0.9;
const TWIN_SAME = 0.8;

/** Row of each content, and who shows what. */
export interface DuplicateInput {
	readonly samples: readonly Sample[];
	/** One sample for each row of features: contents, not files. */
	readonly contents: readonly Sample[];
	/** By row. */
	readonly neighbours: readonly Neighbours[];
	/** A photo's small picture; undefined where it cannot be read any more. */
	readonly picture: (sample: Sample) => Promise<Picture | undefined>;
}

/** Across splits first, then across classes, then by size and path. */
export async function findDuplicates(
	input: DuplicateInput,
): Promise<readonly DuplicateGroup[]> {
	const { samples, contents } = input;
	const byContent = grouped(samples, ({ sha256 }) => sha256);
	const orderOf = new Map(samples.map((sample, place) => [sample, place]));
	const order = (sample: Sample) => orderOf.get(sample) ?? 0;
	const { groups, similarity } = await nearGroups(input);
	const found = groups.flatMap((rows): DuplicateGroup[] => {
		const members = rows
			.flatMap((row) => byContent.get((contents[row] as Sample).sha256) ?? [])
			.sort((a, b) => order(a) - order(b));
		if (members.length < 2) return [];
		return [
			{
				kind: rows.length === 1 ? "exact" : "near",
				samples: members,
				similarity: rows.length === 1 ? 1 : similarity(rows),
				crossesSplits: new Set(members.map(({ split }) => split)).size > 1,
				crossesClasses: new Set(members.map(({ label }) => label)).size > 1,
			},
		];
	});
	const weight = (group: DuplicateGroup) =>
		(group.crossesSplits ? 2 : 0) + (group.crossesClasses ? 1 : 0);
	return found.sort((a, b) => weight(b) - weight(a));
}

/** Rows that pairs hold together, every row in one group; a group's similarity is that of its weakest pair. */
async function nearGroups({
	contents,
	neighbours,
	picture,
}: DuplicateInput): Promise<{
	groups: readonly (readonly number[])[];
	similarity: (rows: readonly number[]) => number;
}> {
	const parent = contents.map((_, row) => row);
	// A thousand frames of one film are one long chain.
	const rootOf = (row: number): number => {
		let root = row;
		while (parent[root] !== root) root = parent[root] as number;
		parent[row] = root;
		return root;
	};
	const pairs: {
		readonly a: number;
		readonly b: number;
		readonly same: number;
	}[] = [];
	for (const [a, { rows, cosines }] of neighbours.entries())
		for (const [place, b] of rows.entries()) {
			const cosine = cosines[place] as number;
			if (b < 0 || cosine < ALIKE) continue;
			// Each pair once, though only one may count the other among its nearest.
			if (b < a && (neighbours[b] as Neighbours).rows.includes(a)) continue;
			const [left, right] = await Promise.all([
				picture(contents[a] as Sample),
				picture(contents[b] as Sample),
			]);
			if (left === undefined || right === undefined) continue;
			const same = samePicture(left, right);
			if (same < (cosine >= TWIN ? TWIN_SAME : SAME)) continue;
			pairs.push({ a, b, same });
			parent[rootOf(b)] = rootOf(a);
		}
	const groups = grouped([...contents.keys()], rootOf);
	const weakest = new Map<number, number>();
	for (const { a, same } of pairs) {
		const root = rootOf(a);
		weakest.set(root, Math.min(same, weakest.get(root) ?? 1));
	}
	return {
		groups: [...groups.values()],
		similarity: ([row = 0]) => weakest.get(rootOf(row)) ?? 1,
	};
}

/** Lists by key, each in the order of `values`. */
function grouped<T, K>(
	values: readonly T[],
	keyOf: (value: T) => K,
): ReadonlyMap<K, readonly T[]> {
	const groups = new Map<K, T[]>();
	for (const value of values) {
		const own = groups.get(keyOf(value));
		if (own === undefined) groups.set(keyOf(value), [value]);
		else own.push(value);
	}
	return groups;
}
