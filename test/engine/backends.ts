import type { BackendName } from "../../src/engine/backend.ts";
import { needs } from "../support/needs.ts";

const native = needs("native");

/** Why native TensorFlow is not among them, for a test that says so. */
export const nativeMissing = native.missing;

/**
 * The backends that a claim about tfjs is held to: wasm and cpu, and native TensorFlow where it is. Set GRAFT_BACKEND
 * to hold it to one alone.
 */
export function backendsHere(): readonly BackendName[] {
	const wish = process.env.GRAFT_BACKEND as BackendName | undefined;
	if (wish) return [wish];
	if (native.missing === undefined) {
		process.env.GRAFT_NATIVE = native.path;
		dropRegistrations();
	}
	return native.missing === undefined
		? ["wasm", "cpu", "node"]
		: ["wasm", "cpu"];
}

/** tfjs warns of each kernel of its cpu backend that two copies of it register. */
function dropRegistrations(): void {
	const { warn } = console;
	console.warn = (...said) => {
		if (!/already (registered|been set)/.test(String(said[0]))) warn(...said);
	};
}
