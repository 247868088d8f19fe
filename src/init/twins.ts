import { DUPLICATE_NEIGHBOURS, findDuplicates } from "../checks/duplicates.ts";
import { readPicture } from "../checks/pictures.ts";
import { directions, nearestRows } from "../checks/similar.ts";
import type { DuplicateGroup } from "../checks/types.ts";
import type { Dataset, Sample } from "../data/types.ts";
import type { LabelledRows } from "../features/rows.ts";

/** Photos that are there twice: of equal bytes among all of them, of one picture among those whose features are known. */
export async function findTwins(
	{ root, samples }: Dataset,
	looked: readonly Sample[],
	{ features, shape }: LabelledRows,
): Promise<readonly DuplicateGroup[]> {
	const first = new Map<string, number>();
	looked.forEach(({ sha256 }, row) => {
		if (!first.has(sha256)) first.set(sha256, row);
	});
	const rows = [...first.values()];
	const contents = rows.map((row) => looked[row] as Sample);
	const d = shape.reduce((product, size) => product * size, 1);
	const own = new Float32Array(rows.length * d);
	rows.forEach((row, place) => {
		own.set(features.subarray(row * d, (row + 1) * d), place * d);
	});
	const n = rows.length;
	const neighbours = nearestRows(
		directions(own, n, d),
		n,
		d,
		DUPLICATE_NEIGHBOURS,
	);
	const near = await findDuplicates({
		...{ samples, contents, neighbours },
		picture: ({ path }) =>
			readPicture(root, path, "apply").catch(() => undefined),
	});
	const known = new Set(near.flatMap((group) => group.samples));
	return [
		...near,
		...exactGroups(samples)
			.filter(([one]) => !known.has(one as Sample))
			.map(asGroup),
	];
}

function exactGroups(
	samples: readonly Sample[],
): readonly (readonly Sample[])[] {
	const byContent = new Map<string, Sample[]>();
	for (const sample of samples) {
		const group = byContent.get(sample.sha256);
		if (group) group.push(sample);
		else byContent.set(sample.sha256, [sample]);
	}
	return [...byContent.values()].filter(({ length }) => length > 1);
}

function asGroup(samples: readonly Sample[]): DuplicateGroup {
	return {
		...{ kind: "exact", samples, similarity: 1 },
		crossesSplits: new Set(samples.map(({ split }) => split)).size > 1,
		crossesClasses: new Set(samples.map(({ label }) => label)).size > 1,
	};
}
