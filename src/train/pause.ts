/** How long training may hold the event loop, so that Ctrl-C and a progress bar are answered at once. */
const HOLD_MS = 15;

/** A function that lets waiting events through once HOLD_MS have passed since it last did; cheap otherwise. */
export function openPause(): () => Promise<void> {
	let last = performance.now();
	return async () => {
		if (performance.now() - last < HOLD_MS) return;
		await new Promise((resolve) => setImmediate(resolve));
		last = performance.now();
	};
}
