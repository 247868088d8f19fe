import { SYNONYMS } from "./synonyms.ts";

/**
 * The nearest allowed name to a misspelt one. In order: the same word in another spelling
 * (case, hyphens, camelCase), a known synonym, the fewest slips of the finger, the beginning of one name alone.
 */
export function nearest(
	word: string,
	candidates: readonly string[],
): string | undefined {
	const plain = flatten(word);
	if (plain === "") return undefined;
	const sameWord = candidates.find((name) => flatten(name) === plain);
	if (sameWord !== undefined) return sameWord;
	const synonym = synonymOf(word, candidates);
	if (synonym !== undefined) return synonym;
	return (
		fewestSlips(word, candidates, flatten) ?? byBeginning(plain, candidates)
	);
}

/** A known other name of one of the candidates: `lr` of `learning_rate`. */
export function synonymOf(
	word: string,
	candidates: readonly string[],
): string | undefined {
	const plain = flatten(word);
	const names = Object.hasOwn(SYNONYMS, plain)
		? (SYNONYMS[plain] ?? "").split(" ")
		: [];
	return names.find((name) => candidates.includes(name));
}

/** Letters and digits alone, in lower case: batch-size, BatchSize and batch_size are one word. */
function flatten(name: string): string {
	return name.toLowerCase().replace(/[-_\s]/g, "");
}

/**
 * The candidate that the fewest slips of the finger turn into `word`, at most one in three letters.
 * @param fold what both are turned into before they are compared.
 */
export function fewestSlips(
	word: string,
	candidates: Iterable<string>,
	fold: (name: string) => string,
): string | undefined {
	const plain = fold(word);
	let best: { name: string; slips: number; likeness: number } | undefined;
	for (const name of candidates) {
		const other = fold(name);
		const allowed = Math.max(
			1,
			Math.floor(Math.max(plain.length, other.length) / 3),
		);
		if (Math.abs(plain.length - other.length) > allowed) continue;
		const slips = editDistance(plain, other);
		if (slips > allowed) continue;
		const likeness = likenessOf(plain, other);
		if (
			best === undefined ||
			slips < best.slips ||
			(slips === best.slips && likeness > best.likeness)
		)
			best = { name, slips, likeness };
	}
	return best?.name;
}

function byBeginning(
	plain: string,
	candidates: readonly string[],
): string | undefined {
	if (plain.length < 3) return undefined;
	const started = candidates.filter((name) => {
		const other = flatten(name);
		return other.startsWith(plain) || plain.startsWith(other);
	});
	return started.length === 1 ? started[0] : undefined;
}

/** Of two names as many slips away, the likelier: the same letters in another order, else more letters shared at the ends. */
function likenessOf(a: string, b: string): number {
	if ([...a].sort().join() === [...b].sort().join()) return 1000;
	const least = Math.min(a.length, b.length);
	let start = 0;
	while (start < least && a[start] === b[start]) start++;
	let end = 0;
	while (end < least - start && a.at(-1 - end) === b.at(-1 - end)) end++;
	return 2 * start + end;
}

/**
 * Slips of the finger from one word to the other: a letter missing, too many or wrong, two letters
 * swapped (Damerau and Levenshtein's distance, optimal string alignment).
 */
export function editDistance(a: string, b: string): number {
	let before: number[] = [];
	let row = Array.from({ length: b.length + 1 }, (_, column) => column);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1] ? 0 : 1;
			let slips = Math.min(
				(row[j] as number) + 1,
				(next[j - 1] as number) + 1,
				(row[j - 1] as number) + same,
			);
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
				slips = Math.min(slips, (before[j - 2] as number) + 1);
			next.push(slips);
		}
		before = row;
		row = next;
	}
	return row[b.length] as number;
}
