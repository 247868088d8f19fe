/** When the state is handed out, so that little is lost to a kill and little time to writing. */
export interface Rhythm {
	/** @param step optimizer steps taken @param isEpochEnd whether the next thing is a new epoch */
	readonly isDue: (step: number, isEpochEnd: boolean) => boolean;
	/** The state was taken and written, which took so long. */
	readonly wrote: (ms: number) => void;
}

/** Seconds of training that may be lost within an epoch, and at its end. */
const WITHIN_EPOCH = 60;
const AT_EPOCH_END = 10;

/** Times the duration of a write that lie between two of them. */
const COST = 20;

/**
 * @param everySteps exactly after each so many steps; undefined: by time, at an epoch's end after ten seconds, within
 *   an epoch after a minute, and never for more than a twentieth of the time
 * @param now in milliseconds
 */
export function openRhythm(
	everySteps: number | undefined,
	now: () => number = () => performance.now(),
): Rhythm {
	let last = now();
	let cost = 0;
	return {
		isDue(step, isEpochEnd) {
			if (everySteps !== undefined)
				return !isEpochEnd && step % everySteps === 0;
			const wait = isEpochEnd ? AT_EPOCH_END : WITHIN_EPOCH;
			return now() - last >= Math.max(wait * 1000, COST * cost);
		},
		wrote(ms) {
			cost = ms;
			last = now();
		},
	};
}
