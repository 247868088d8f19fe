/** How far an extraction is. */
export interface Progress {
	/** Photos finished, of those whose rows were missing. */
	readonly done: number;
	readonly total: number;
	/** Over the last seconds; of the first photos, from the start on; 0 before them. */
	readonly photosPerSecond: number;
	/** At this rate; undefined while the first photos say nothing yet, for the network is being loaded. */
	readonly etaSeconds: number | undefined;
}

/** The rate is taken over this time. */
const WINDOW_MS = 5_000;

/** Photos that came closer together than this say nothing about those that follow: threads end their first ones at once. */
const LEAST_MS = 250;

/** Counts finished photos and reports after each. */
export function progressMeter(
	total: number,
	onProgress: ((progress: Progress) => void) | undefined,
	now: () => number = () => performance.now(),
): { readonly add: (photos: number) => void } {
	const start = now();
	const marks: { time: number; done: number }[] = [];
	let done = 0;
	onProgress?.({ done, total, photosPerSecond: 0, etaSeconds: undefined });

	function add(photos: number): void {
		done += photos;
		const time = now();
		marks.push({ time, done });
		// The mark before the window stays, so that the rate spans the whole of it.
		while (marks.length > 2 && marks[1].time <= time - WINDOW_MS) marks.shift();
		const [from] = marks;
		if (time - from.time < LEAST_MS) {
			const photosPerSecond = perSecond(done, time - start);
			onProgress?.({ done, total, photosPerSecond, etaSeconds: undefined });
			return;
		}
		const photosPerSecond = perSecond(done - from.done, time - from.time);
		const etaSeconds = (total - done) / photosPerSecond;
		onProgress?.({ done, total, photosPerSecond, etaSeconds });
	}

	return { add };
}

function perSecond(photos: number, ms: number): number {
	return photos / (Math.max(1, ms) / 1000);
}
