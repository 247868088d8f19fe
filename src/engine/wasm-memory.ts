import type { Tf } from "./backend.ts";

/** What tfjs-backend-wasm keeps of its module. */
interface WasmBackend {
	readonly wasm: {
		_malloc: (bytes: number) => number;
		readonly asm: { readonly malloc: (bytes: number) => number };
	};
}

/**
 * Makes a full memory an error. tfjs-backend-wasm 4.22 does not look at what malloc answers: where the 4 GB of a wasm
 * memory are full it is 0, and tensors would be written over the module's own data.
 * @param limitMb most megabytes of tensors; undefined: what the memory holds
 */
export function guardWasmMemory(tf: Tf, limitMb?: number): void {
	const { wasm } = tf.backend() as unknown as WasmBackend;
	// The module's own _malloc would put itself back with its first call.
	const { malloc } = wasm.asm;
	wasm._malloc = (bytes) => {
		const isAllowed =
			limitMb === undefined || tf.memory().numBytes + bytes <= limitMb * 1e6;
		const place = isAllowed ? malloc(bytes) : 0;
		if (place === 0 && bytes > 0)
			throw new Error(
				`out of memory: the wasm backend cannot allocate ${bytes} bytes beside ${tf.memory().numBytes}`,
			);
		return place;
	};
}
