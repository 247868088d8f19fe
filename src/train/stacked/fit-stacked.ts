import type { StackedEvent, StackedInput } from "./types.ts";

/** Trains many heads side by side on the same rows; each as `fit` would alone. */
export async function* fitStacked(
	_input: StackedInput,
): AsyncGenerator<StackedEvent> {
	yield await Promise.reject(new Error("internal: fitStacked is being built"));
}
