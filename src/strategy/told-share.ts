import { random } from "../random.ts";
import { leep } from "./leep.ts";

/** What a network's own classes tell of the new labels. */
export interface Told {
	/** LEEP, natural log; at most 0. */
	readonly leep: number;
	/** LEEP of labels dealt out anew, mean of several dealings. */
	readonly chance: number;
	/** 1 - LEEP / chance: 0 what chance tells, 1 all. Undefined where chance tells all, such as of photos alone in their class. */
	readonly share: number | undefined;
}

/** Dealings; their mean of 104 photos of 5 classes then varies by 0.01. */
const DEALINGS = 10;

/**
 * LEEP beside its own value by chance. LEEP guesses the classes from the photos it scores, so that few photos and many own
 * classes make it look good whatever the labels are; shuffled labels say by how much (a permutation test, Good 2005).
 * @param probabilities float64 [n, sources], each row's sum 1
 */
export function toldShare(
	probabilities: Float64Array,
	n: number,
	labels: Int32Array,
	numClasses: number,
	seed: number,
): Told {
	const own = leep(probabilities, n, labels, numClasses);
	let chance = 0;
	for (let dealing = 0; dealing < DEALINGS; dealing++) {
		const order = random(seed, "told share", dealing).permutation(n);
		const dealt = labels.map((_, row) => labels[order[row]] as number);
		chance += leep(probabilities, n, dealt, numClasses) / DEALINGS;
	}
	// Shuffled labels that are told as well as the true ones leave nothing to compare.
	const isTelling = chance < -NOTHING && groups(labels);
	return { leep: own, chance, share: isTelling ? 1 - own / chance : undefined };
}

const NOTHING = 1e-6;

/** Whether any class has two photos, and there are two classes. */
function groups(labels: Int32Array): boolean {
	const classes = new Set(labels).size;
	return classes > 1 && classes < labels.length;
}
