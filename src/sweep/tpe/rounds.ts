import { join } from "node:path";
import type { ShownValues } from "../../experiment/sweep/tpe.ts";
import type { SweepOptions } from "../../experiment/types.ts";
import { fingerprint, type Json } from "../../fingerprint.ts";
import { makeFolder } from "../../make-folder.ts";
import { encodeJson } from "../../runs/json.ts";
import { attempt, makeOnce, readJson } from "../folder.ts";
import { namesIn } from "../results.ts";

/**
 * What was asked for, in files that are made once: of two runners one asks, and both run what it asked for.
 *
 *   rounds/<key>/1.json  the points of the first round after those drawn at random
 *   rounds/<key>/2.json  …; one without points: the space holds no more
 */
export interface Round {
	readonly points: readonly ShownValues[];
}

/**
 * The name of the rounds' folder: a hash of all that asking depends on but results. More points and other batches go on
 * with the same rounds.
 * @param first ids of the trials that were drawn at random: they stand for photos, network and everything else
 */
export function roundsKey(
	first: readonly string[],
	{ tpe, objective, seeds, pruner }: SweepOptions,
): string {
	const { trials: _, batch, ...asking } = tpe ?? { trials: 0, batch: 0 };
	return fingerprint({
		first,
		asking,
		objective,
		seeds,
		pruner: pruner ?? null,
	} as unknown as Json).slice(0, 12);
}

/** All rounds so far, in order. @throws RunError "sweep-damaged" */
export function readRounds(folder: string, key: string): readonly Round[] {
	const place = join(folder, "rounds", key);
	const names = new Set(namesIn(place));
	const rounds: Round[] = [];
	while (names.has(`${rounds.length + 1}.json`))
		rounds.push(readJson(join(place, `${rounds.length + 1}.json`)) as Round);
	return rounds;
}

/** Notes a round, unless another runner has. @throws RunError "sweep-folder" */
export function makeRound(
	folder: string,
	key: string,
	number: number,
	round: Round,
): void {
	const place = join(folder, "rounds", key);
	attempt(folder, () => {
		makeFolder(place);
		makeOnce(join(place, `${number}.json`), `${encodeJson(round, 2)}\n`, {
			durable: true,
		});
	});
}
