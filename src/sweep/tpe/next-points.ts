import type { Distribution } from "../../experiment/sweep/axes.ts";
import {
	numbersOf,
	type ShownValues,
	shownOf,
} from "../../experiment/sweep/tpe.ts";
import { canonicalJson } from "../../fingerprint.ts";
import { random } from "../../random.ts";
import type { Dimension, Point } from "./parzen.ts";
import { type SeenPoint, suggest, type TpeSettings } from "./suggest.ts";

/** A point that is known already is asked for again in other words so often, then drawn at random. */
const ATTEMPTS = 20;
const RANDOM_ATTEMPTS = 100;

/** What a round is asked for from. */
export interface NextInput {
	readonly space: readonly Distribution[];
	/** In the order of asking. */
	readonly history: readonly SeenPoint[];
	/** All points so far, those of which nothing is known too: none is asked for twice. */
	readonly taken: readonly ShownValues[];
	readonly settings: TpeSettings;
	readonly count: number;
}

/**
 * The points of the next round, fewer than `count` where the space holds no more; each is asked for as if those before
 * it were running. Pure.
 */
export function nextPoints(input: NextInput): readonly ShownValues[] {
	const { space, settings, count } = input;
	const dimensions = space.map(
		({ key, kind, low, high }): Dimension => ({
			key: key.name,
			kind,
			low,
			high,
		}),
	);
	const history = [...input.history];
	const taken = new Set(input.taken.map((values) => canonicalJson(values)));
	const asked: ShownValues[] = [];
	while (asked.length < count) {
		const index = input.taken.length + asked.length;
		const fresh = freshOf(index);
		if (fresh === undefined) break;
		asked.push(fresh);
		taken.add(canonicalJson(fresh));
		// What is drawn is what is shown: six digits.
		const point = numbersOf(space, fresh) as Point;
		history.push({ point, state: "running", loss: 0, epochs: 0 });
	}
	return asked;

	function freshOf(index: number): ShownValues | undefined {
		for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
			const point = suggest(dimensions, history, settings, index, attempt);
			const values = shownOf(space, point);
			if (!taken.has(canonicalJson(values))) return values;
		}
		for (let attempt = 0; attempt < RANDOM_ATTEMPTS; attempt++) {
			const values = Object.fromEntries(
				space.map(({ key, valueAt }) => {
					const name = ["tpe", index, "random", attempt, key.name];
					return [
						key.name,
						valueAt(random(settings.seed, ...name).uniform()).shown,
					];
				}),
			);
			if (!taken.has(canonicalJson(values))) return values;
		}
		return undefined;
	}
}
