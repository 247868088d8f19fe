/**
 * Keeps threads from being ended while they are inside onnxruntime: its addon aborts the whole process
 * then (seen with onnxruntime-node 1.30). Two numbers in memory that all threads share.
 */
const STOPPED = 0;
const INSIDE = 1;

/** Shared by a pool and its workers. */
export type Gate = Int32Array<SharedArrayBuffer>;

/** An open gate. */
export function newGate(): Gate {
	return new Int32Array(new SharedArrayBuffer(8));
}

/** In a worker: goes in, or learns that it must not. */
export function enter(gate: Gate): boolean {
	Atomics.add(gate, INSIDE, 1);
	if (Atomics.load(gate, STOPPED) === 0) return true;
	leave(gate);
	return false;
}

/** In a worker: comes out. */
export function leave(gate: Gate): void {
	Atomics.sub(gate, INSIDE, 1);
	Atomics.notify(gate, INSIDE);
}

/** Lets nobody in from now on. */
export function shut(gate: Gate): void {
	Atomics.store(gate, STOPPED, 1);
}

/** Blocks until nobody is inside, at most `timeoutMs`: for a process that is about to end. */
export function waitUntilEmpty(gate: Gate, timeoutMs: number): void {
	const end = performance.now() + timeoutMs;
	for (;;) {
		const inside = Atomics.load(gate, INSIDE);
		const left = end - performance.now();
		if (inside === 0 || left <= 0) return;
		Atomics.wait(gate, INSIDE, inside, left);
	}
}
