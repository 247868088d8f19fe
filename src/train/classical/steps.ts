/**
 * Work that stops now and then: whoever runs it decides whether to go straight on, or to let waiting events (Ctrl-C, a
 * progress bar) through first.
 */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Straight to the end. */
export function atOnce<T>(steps: Steps<T>): T {
	let next = steps.next();
	while (!next.done) next = steps.next();
	return next.value;
}

/** To the end with `pause` at each stop; undefined once `signal` is aborted. */
export async function withPauses<T>(
	steps: Steps<T>,
	pause: () => Promise<void>,
	signal: AbortSignal | undefined,
): Promise<T | undefined> {
	let next = steps.next();
	while (!next.done) {
		await pause();
		if (signal?.aborted) return undefined;
		next = steps.next();
	}
	return next.value;
}
