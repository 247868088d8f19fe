import { join } from "node:path";
import type { CorruptPhoto, Sample } from "../data/types.ts";
import type { ExtractOptions, OpenPrefix } from "./extract.ts";
import { failedError } from "./extract-errors.ts";
import { corruptAmong, firstOfEach } from "./extracted.ts";
import type { Answer } from "./messages.ts";
import { progressMeter } from "./rate.ts";
import { openVerdicts } from "./verdicts.ts";

/** Photos of a folder, and what is known of them. */
export interface Suspects {
	/** The folder that sample paths are relative to. */
	readonly root: string;
	readonly samples: readonly Sample[];
	readonly options: Pick<
		ExtractOptions,
		"cacheFolder" | "onProgress" | "signal"
	>;
}

/** Those that earlier runs found corrupt. */
export function knownCorrupt({
	samples,
	options: { cacheFolder },
}: Suspects): readonly CorruptPhoto[] {
	return corruptAmong(samples, reasonsOf(samples, cacheFolder));
}

/**
 * All that are corrupt: each photo whose content is not known to be sound is decoded, and nothing more. What comes of it
 * is remembered in the cache folder.
 * @throws RunError "photo-changed", "photo-unreadable", "worker-died"; the reason of `signal` when it is aborted
 */
export async function findCorrupt(
	{ root, samples, options }: Suspects,
	open: () => Promise<OpenPrefix>,
): Promise<readonly CorruptPhoto[]> {
	const { cacheFolder, onProgress, signal } = options;
	const verdicts =
		cacheFolder === undefined ? undefined : openVerdicts(cacheFolder);
	const reasons = reasonsOf(samples, cacheFolder);
	const sound = verdicts?.sound() ?? new Set();
	const asked = firstOfEach(samples).filter(
		({ sha256 }) => !reasons.has(sha256) && !sound.has(sha256),
	);
	if (asked.length > 0) {
		const meter = progressMeter(asked.length, onProgress);
		const onAnswer = (answer: Answer) => {
			if (answer.type === "failed") {
				const { row } = answer;
				throw failedError(answer, row === undefined ? row : asked[row]?.path);
			}
			if (answer.type === "corrupt") {
				const { sha256 } = asked[answer.row] as Sample;
				reasons.set(sha256, answer.reason);
				verdicts?.remember(sha256, answer.reason);
			}
			meter.add(1);
		};
		const jobs = asked.map(({ path, sha256 }, row) => ({
			...{ row, file: join(root, path), sha256, view: 0, isCheck: true },
		}));
		const { pool } = await open();
		await pool.run(jobs, onAnswer, signal);
		verdicts?.rememberSound(
			asked.map(({ sha256 }) => sha256).filter((photo) => !reasons.has(photo)),
		);
	}
	return corruptAmong(samples, reasons);
}

function reasonsOf(
	samples: readonly Sample[],
	cacheFolder: string | undefined,
): Map<string, string> {
	const reasons = new Map<string, string>();
	if (cacheFolder === undefined) return reasons;
	const { find } = openVerdicts(cacheFolder);
	for (const { sha256 } of samples) {
		const reason = find(sha256);
		if (reason !== undefined) reasons.set(sha256, reason);
	}
	return reasons;
}
