import { type ProgressStream, progressLine } from "../features/progress.ts";
import { progressMeter } from "../features/rate.ts";
import type { EpochPhotos } from "../train/types.ts";

/** What is shown while an epoch takes its time: `epoch 3, photo 512/1332, 40 photos/s, 21 s left`. */
export interface EpochLine {
	readonly show: (photos: EpochPhotos) => void;
	/** The epoch is over, or something else is to be said: the line goes. */
	readonly clear: () => void;
}

/** Drawn in place on a terminal, a line every few seconds elsewhere; an epoch that is over sooner says nothing. */
export function epochLine(
	stream: ProgressStream,
	now: () => number = () => performance.now(),
): EpochLine {
	let epoch: number | undefined;
	let before = 0;
	let line: ReturnType<typeof progressLine> | undefined;
	let meter: ReturnType<typeof progressMeter> | undefined;
	return {
		show(photos) {
			if (photos.epoch !== epoch) {
				const label = `epoch ${photos.epoch}, photo`;
				const own = progressLine(label, stream, now);
				line = own;
				meter = progressMeter(photos.total, own.show, now);
				[epoch, before] = [photos.epoch, 0];
			}
			meter?.add(photos.done - before);
			before = photos.done;
		},
		clear: () => line?.clear(),
	};
}
