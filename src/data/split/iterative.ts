import type { SplitOptions } from "../../experiment/types.ts";
import { SPLITS } from "../listing/listing.ts";
import type { Split } from "../types.ts";
import { inLine, type SplitUnit } from "./split-units.ts";

/** What a split still wants: photos in all, and of each class. */
interface Wish {
	readonly split: Split;
	photos: number;
	readonly classes: Float64Array;
}

/**
 * Deals units of photos with several labels so that every class, and the number of photos, comes near to its share:
 * the iterative stratification of Sechidis, Tsoumakas and Vlahavas, "On the Stratification of Multi-Label Data"
 * (ECML PKDD 2011, algorithm 1). The class with the fewest photos left is dealt first, each of its units to the split
 * that wants the class most, where that is even, to the one that wants most photos. Units go in line order in place
 * of the paper's random one; those that have a split keep it.
 */
export function dealIteratively(
	options: SplitOptions,
	units: readonly SplitUnit[],
	numClasses: number,
): ReadonlyMap<string, Split> {
	const left = new Map(inLine(options, units).map((unit) => [unit.name, unit]));
	const wishes = wishesOf(options, units, numClasses);
	const dealt = new Map<string, Split>();
	const remaining = new Float64Array(numClasses);
	for (const unit of units) addTo(remaining, unit, 1);

	function deal(unit: SplitUnit, wish: Wish | undefined): void {
		dealt.set(unit.name, unit.kept ?? (wish as Wish).split);
		left.delete(unit.name);
		addTo(remaining, unit, -1);
		if (wish === undefined) return;
		wish.photos -= unit.size;
		addTo(wish.classes, unit, -1);
	}

	for (const unit of [...left.values()])
		if (unit.kept)
			deal(
				unit,
				wishes.find(({ split }) => split === unit.kept),
			);
	for (;;) {
		const rarest = smallestOf(remaining);
		if (rarest === undefined) break;
		for (const unit of [...left.values()])
			if (unit.labels?.has(rarest))
				deal(
					unit,
					most(wishes, (wish) => [wish.classes[rarest], wish.photos]),
				);
	}
	for (const unit of [...left.values()])
		deal(
			unit,
			most(wishes, (wish) => [wish.photos]),
		);
	return dealt;
}

function wishesOf(
	options: SplitOptions,
	units: readonly SplitUnit[],
	numClasses: number,
): readonly Wish[] {
	const totals = new Float64Array(numClasses);
	let photos = 0;
	for (const unit of units) {
		addTo(totals, unit, 1);
		photos += unit.size;
	}
	const { valid, test } = options;
	const shares = { train: 1 - valid - test, valid, test };
	return SPLITS.filter((split) => shares[split] > 0).map((split) => ({
		split,
		photos: photos * shares[split],
		classes: totals.map((total) => total * shares[split]),
	}));
}

/** Adds the photos that a unit has of each class. */
function addTo(
	counts: Float64Array,
	{ labels }: SplitUnit,
	sign: 1 | -1,
): void {
	for (const [label, photos] of labels ?? []) counts[label] += sign * photos;
}

/** The class with the fewest photos, of those that have any; of equal ones the first. */
function smallestOf(counts: Float64Array): number | undefined {
	let found: number | undefined;
	counts.forEach((count, label) => {
		if (count > 0 && (found === undefined || count < counts[found]))
			found = label;
	});
	return found;
}

/** The first with the largest numbers, compared from the left. Sums of shares that should be equal may differ in their last bits. */
function most(
	wishes: readonly Wish[],
	of: (wish: Wish) => readonly number[],
): Wish {
	const rounded = (wish: Wish) => of(wish).map((x) => Math.round(x * 1e6));
	return wishes.reduce((best, wish) => {
		const [a, b] = [rounded(best), rounded(wish)];
		const at = a.findIndex((value, index) => value !== b[index]);
		return at >= 0 && b[at] > a[at] ? wish : best;
	});
}
