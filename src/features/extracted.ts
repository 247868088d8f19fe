import type { CorruptPhoto, Sample } from "../data/types.ts";
import { RunError } from "../diagnostic.ts";

/** What a pass over photos comes to, as far as it needs no threads. */

/** Each content once, in the order of its first sample. */
export function firstOfEach(samples: readonly Sample[]): readonly Sample[] {
	const first = new Map<string, Sample>();
	for (const sample of samples)
		if (!first.has(sample.sha256)) first.set(sample.sha256, sample);
	return [...first.values()];
}

/** All samples whose content is corrupt, with why. */
export function corruptAmong(
	samples: readonly Sample[],
	reasons: ReadonlyMap<string, string>,
): readonly CorruptPhoto[] {
	return samples.flatMap(({ path, sha256 }) => {
		const reason = reasons.get(sha256);
		return reason === undefined ? [] : [{ path, reason }];
	});
}

/** Room for so many rows. @throws RunError "features-too-large" */
export function allocate(rows: number, length: number): Float32Array {
	try {
		return new Float32Array(rows * length);
	} catch (cause) {
		const gigabytes = ((4 * rows * length) / 2 ** 30).toFixed(1);
		throw new RunError(
			"features-too-large",
			`the features of ${rows} photos take ${gigabytes} GiB of memory`,
			{
				fix: "cut the network later, where its rows are smaller (model.freeze, model.features)",
				cause,
			},
		);
	}
}
