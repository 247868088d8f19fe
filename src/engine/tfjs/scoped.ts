import type { Tf } from "../backend.ts";

/**
 * Runs `work` and frees the tensors it made, kept ones aside. Unlike tf.tidy it returns plain values, which tf.tidy
 * would search for tensors number by number.
 */
export function scoped<T>(tf: Tf, work: () => T): T {
	const results: T[] = [];
	tf.tidy(() => {
		results.push(work());
	});
	return results[0] as T;
}
