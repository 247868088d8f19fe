import type { SplitOptions } from "../../experiment/types.ts";
import { sha256 } from "../../fingerprint.ts";
import { SPLITS } from "../listing/listing.ts";
import { byCodePoint } from "../listing/order.ts";
import type { Split } from "../types.ts";

/** Photos that go to one split together: one content, or one group of contents. */
export interface SplitUnit {
	/** A sha256, or a group's name. */
	readonly name: string;
	/** Class of most of its photos, the lower index where two are even. */
	readonly label: number;
	/** With `data.multi_label`: class → photos of the unit that have it. */
	readonly labels?: ReadonlyMap<number, number>;
	/** Number of photos. */
	readonly size: number;
	/** Where it was put before. */
	readonly kept: Split | undefined;
}

/**
 * Deals units to splits. Each unit has a place in line of its own, sha256(seed, name), which nothing
 * else moves; units that have a split keep it.
 *
 * Stratified: within each class, valid and test are filled in line order up to their shares (rounded to
 * the nearest photo, at least one where the class has enough), the rest is for training. Otherwise a unit's
 * place decides alone: the first `valid` of the line for valid, the next `test` for test.
 */
export function dealUnits(
	options: SplitOptions,
	units: readonly SplitUnit[],
): ReadonlyMap<string, Split> {
	const dealt = new Map<string, Split>();
	if (!options.stratify) {
		for (const { name, kept } of units)
			dealt.set(name, kept ?? byPlace(options, name));
		return dealt;
	}
	const classes = new Map<number, SplitUnit[]>();
	for (const unit of units)
		classes.set(unit.label, [...(classes.get(unit.label) ?? []), unit]);
	for (const members of classes.values())
		for (const [name, split] of dealClass(options, members))
			dealt.set(name, split);
	return dealt;
}

/** Photos for [valid, test] of a class of `total` photos in `units` units. */
export function shares(
	options: SplitOptions,
	total: number,
	units: number,
): readonly [number, number] {
	const wanted = [options.valid, options.test];
	const used = 1 + wanted.filter((share) => share > 0).length;
	const [valid, test] = wanted.map((share) =>
		share === 0
			? 0
			: Math.max(units >= used ? 1 : 0, Math.round(share * total)),
	) as [number, number];
	return [valid, test];
}

function dealClass(
	options: SplitOptions,
	members: readonly SplitUnit[],
): [string, Split][] {
	const sizes = { train: 0, valid: 0, test: 0 };
	for (const { kept, size } of members) if (kept) sizes[kept] += size;
	const total = members.reduce((sum, { size }) => sum + size, 0);
	const [valid, test] = shares(options, total, members.length);
	return inLine(options, members).map(({ name, size, kept }) => {
		if (kept) return [name, kept];
		// A group that is larger than the room left goes in if that comes nearer to the share than leaving it.
		const fits = (share: number, filled: number) =>
			share - filled >= size / 2 && share > filled;
		const split = fits(valid, sizes.valid)
			? "valid"
			: fits(test, sizes.test)
				? "test"
				: "train";
		sizes[split] += size;
		return [name, split];
	});
}

/** The units by their places in line. */
export function inLine(
	{ seed }: SplitOptions,
	units: readonly SplitUnit[],
): readonly SplitUnit[] {
	return units
		.map((unit) => ({ unit, place: placeOf(seed, unit.name) }))
		.sort((a, b) => byCodePoint(a.place, b.place))
		.map(({ unit }) => unit);
}

function byPlace(options: SplitOptions, name: string): Split {
	const place =
		Number.parseInt(placeOf(options.seed, name).slice(0, 12), 16) / 2 ** 48;
	if (place < options.valid) return "valid";
	return place < options.valid + options.test ? "test" : "train";
}

function placeOf(seed: number, name: string): string {
	return sha256(`${seed}/split/${name}`);
}

/** Whether a word is a split's name. */
export function isSplit(word: unknown): word is Split {
	return (SPLITS as readonly unknown[]).includes(word);
}
