import type { Sample } from "../data/types.ts";
import { count } from "../text.ts";
import type { InitFindings } from "./init.ts";

/** What was found in a folder, in sentences by topic. */
export interface FindingsLines {
	readonly photos: readonly string[];
	readonly broken: readonly string[];
	readonly twins: readonly string[];
	readonly balance: readonly string[];
}

/** Classes whose counts are written out. */
const MOST_CLASSES = 12;
const MOST_NAMED = 5;
/** Counts that differ by more are worth weights, as checks/balance.ts has it. */
export const UNEVEN = 3;

/** Every sentence rests on a number. */
export function findingsLines(found: InitFindings): FindingsLines {
	const { dataset, pictures, layout } = found;
	const { samples } = dataset;
	const { looked, side, grey, turned, small, corrupt } = pictures;
	const [least, middle, most] = side;
	const readable = looked - corrupt.length;
	const of =
		looked < samples.length
			? `of ${count(looked, "photo")} that were opened, the same share of each class, `
			: "";
	const photos = [
		`${count(samples.length, "photo")} of ${count(dataset.classNames.length, "class", "classes")}: ${splitCounts(samples)}`,
		...layout.notes,
		`${of}the longer side has ${least} to ${most} pixels, in the middle ${middle}`,
		...(small > 0
			? [
					`${of}${small} are smaller than the network's 224 pixels on their shorter side and are enlarged`,
				]
			: []),
		...(grey > 0
			? [
					`${of}${grey === readable ? "all" : grey} are grey; the network sees them as grey colours`,
				]
			: []),
		...(turned > 0
			? [
					`${of}${turned} have an orientation tag that turns them, which is followed (exif: apply)`,
				]
			: []),
	];
	const broken =
		corrupt.length === 0
			? []
			: [
					`${of}${count(corrupt.length, "photo")} cannot be read: ${someOf(corrupt.map(({ path, reason }) => `${path} (${reason})`))}`,
				];
	return {
		photos,
		broken,
		twins: twinLines(found),
		balance: balanceLines(found),
	};
}

function splitCounts(samples: readonly Sample[]): string {
	const by = new Map<string, number>();
	for (const { split } of samples) by.set(split, (by.get(split) ?? 0) + 1);
	return [...by].map(([split, photos]) => `${photos} ${split}`).join(", ");
}

function twinLines({ twins, layout, pictures, dataset }: InitFindings) {
	const lines: string[] = [];
	const part =
		pictures.looked < dataset.samples.length
			? ` (pictures were compared among ${pictures.looked} photos, bytes among all)`
			: "";
	for (const kind of ["exact", "near"] as const) {
		const groups = twins.filter((group) => group.kind === kind);
		if (groups.length === 0) continue;
		const across = groups.filter(({ crossesSplits }) => crossesSplits);
		const mixed = groups.filter(({ crossesClasses }) => crossesClasses);
		const what = kind === "exact" ? "equal bytes" : "the same picture";
		lines.push(
			`${count(groups.length, "group")} of photos with ${what}${kind === "near" ? part : ""}: ${someOf(groups.map(({ samples }) => samples.map(({ path }) => path).join(" = ")))}`,
		);
		if (across.length > 0)
			lines.push(
				`${across.length} of them ${across.length === 1 ? "reaches" : "reach"} across splits, so that accuracy is measured on what was trained on: ${layout.data.split === undefined ? "remove one of each" : "put them into one group (data.split.group_by), or remove one of each"}`,
			);
		if (mixed.length > 0)
			lines.push(
				`${mixed.length} of them ${mixed.length === 1 ? "is" : "are"} in several classes: one of the labels is wrong`,
			);
	}
	return lines;
}

function balanceLines({ dataset, imbalance }: InitFindings): readonly string[] {
	const { classNames, samples } = dataset;
	const counts = classNames.map(
		(_, label) =>
			samples.filter((one) => one.split === "train" && one.label === label)
				.length,
	);
	const order = [...classNames.keys()].sort(
		(a, b) => (counts[b] ?? 0) - (counts[a] ?? 0),
	);
	const each = order
		.slice(0, MOST_CLASSES)
		.map((label) => `${classNames[label]} ${counts[label]}`);
	const more = order.length - each.length;
	const list = `training photos a class: ${each.join(", ")}${more > 0 ? ` and ${more} more classes, the least ${counts[order.at(-1) as number]}` : ""}`;
	return [
		list,
		imbalance > UNEVEN
			? `the largest class has ${imbalance.toFixed(1)} times the photos of the smallest: each photo counts by the size of its class, and valid/balanced_accuracy is the fairer number`
			: `the largest class has ${imbalance.toFixed(1)} times the photos of the smallest: no weights are needed below ${UNEVEN}`,
	];
}

/** `a, b and 3 more` */
function someOf(words: readonly string[]): string {
	const left = words.length - MOST_NAMED;
	return `${words.slice(0, MOST_NAMED).join(", ")}${left > 0 ? ` and ${left} more` : ""}`;
}
