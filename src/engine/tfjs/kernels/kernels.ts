import type { Tf } from "../../backend.ts";
import { composedKernels } from "./composed.ts";
import { isNative } from "./executor.ts";
import { nativeKernels } from "./native.ts";
import type { Kernels } from "./types.ts";

const opened = new WeakMap<object, Kernels>();

/** The kernels of the backend that is open; one set a backend. */
export function kernelsOf(tf: Tf): Kernels {
	const backend = tf.backend();
	const known = opened.get(backend);
	if (known) return known;
	const made = isNative(tf) ? nativeKernels(tf) : composedKernels(tf);
	opened.set(backend, made);
	return made;
}
