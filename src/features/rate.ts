/** How far an extraction is. */
export interface Progress {
	/** Photos finished, of those whose rows were missing. */
	readonly done: number;
	readonly total: number;
	/** Over the last seconds, starting up included; 0 before the first photo. */
	readonly photosPerSecond: number;
	/** At this rate; undefined before the first photo. */
	readonly etaSeconds: number | undefined;
}

/** The rate is taken over this time. */
const WINDOW_MS = 5_000;

/** Counts finished photos and reports after each. */
export function progressMeter(
	total: number,
	onProgress: ((progress: Progress) => void) | undefined,
	now: () => number = () => performance.now(),
): { readonly add: (photos: number) => void } {
	const marks: { time: number; done: number }[] = [{ time: now(), done: 0 }];
	let done = 0;
	onProgress?.({ done, total, photosPerSecond: 0, etaSeconds: undefined });

	function add(photos: number): void {
		done += photos;
		const time = now();
		marks.push({ time, done });
		// The mark before the window stays, so that the rate spans the whole of it.
		while (marks.length > 2 && marks[1].time <= time - WINDOW_MS) marks.shift();
		const [from] = marks;
		const seconds = Math.max(1e-3, (time - from.time) / 1000);
		const photosPerSecond = (done - from.done) / seconds;
		const etaSeconds = (total - done) / photosPerSecond;
		onProgress?.({ done, total, photosPerSecond, etaSeconds });
	}

	return { add };
}
