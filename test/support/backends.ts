import { type BackendName, openTfjs } from "../../src/engine/backend.ts";
import { needs } from "./needs.ts";

/** A tfjs backend that a test runs on. */
export interface TestBackend {
	readonly name: BackendName;
	/** The reason for a skip; undefined where it can be used. */
	readonly missing: string | undefined;
	/** Opens it; from then on `openTfjs()` means it, in `fit`, too. */
	readonly open: () => ReturnType<typeof openTfjs>;
}

/**
 * wasm, which is always there, and tfjs-node on TensorFlow, where GRAFT_TEST_NATIVE names it:
 *
 *   for (const { name, missing, open } of BACKENDS)
 *     test(`… on ${name}`, { skip: missing }, async () => { const { tf } = await open(); … });
 */
export const BACKENDS: readonly TestBackend[] = [
	{ name: "wasm", missing: undefined, open: () => openTfjs("wasm") },
	{ name: "node", missing: needs("native").missing, open: openNative },
];

function openNative(): ReturnType<typeof openTfjs> {
	process.env.GRAFT_NATIVE = needs("native").path;
	return openTfjs("node");
}
