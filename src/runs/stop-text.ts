import type { Stop } from "./training-log.ts";

/** Why training ended, and which epoch's weights are the result. */
export function stopText({ reason, epoch, lastEpoch }: Stop): string {
	const ended = {
		epochs: `went through all ${lastEpoch} epochs`,
		early_stopping: `ended early after epoch ${lastEpoch}`,
		asked: `was ended after epoch ${lastEpoch} because others did better`,
	}[reason];
	return epoch === lastEpoch
		? ended
		: `${ended}; the result is the best epoch, ${epoch}`;
}
