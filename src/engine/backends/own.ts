import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { packageRoot } from "../../paths.ts";
import type { Tf, Tfjs } from "../backend.ts";
import { guardWasmMemory } from "../wasm-memory.ts";

/** The backends that come with Graft: wasm and plain JavaScript. */

/** @throws where it does not start */
export async function openWasm(reason: string): Promise<Tfjs> {
	const require = createRequire(join(packageRoot(), "package.json"));
	const tf = require("@tensorflow/tfjs-core") as Tf;
	const path = require.resolve("@tensorflow/tfjs-backend-wasm");
	const { setWasmPaths } = require(path) as {
		setWasmPaths: (folder: string) => void;
	};
	setWasmPaths(`${dirname(path)}/`);
	await withoutNewHandlers(() => useBackend(tf, "wasm"));
	// For tests: real 4 GB take seconds to fill.
	guardWasmMemory(tf, Number(process.env.GRAFT_WASM_MEMORY_MB) || undefined);
	return { tf, name: "wasm", version: tf.version_core, reason, usesGpu: false };
}

/** @throws where it does not start */
export async function openCpu(reason: string): Promise<Tfjs> {
	const require = createRequire(join(packageRoot(), "package.json"));
	const tf = require("@tensorflow/tfjs-core") as Tf;
	require("@tensorflow/tfjs-backend-cpu");
	await useBackend(tf, "cpu");
	// Else its first use prints an advertisement of tfjs-node.
	(tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
	return { tf, name: "cpu", version: tf.version_core, reason, usesGpu: false };
}

/** @throws where it does not start */
export async function useBackend(tf: Tf, name: string): Promise<void> {
	if (!(await tf.setBackend(name))) throw new Error("it cannot start");
	await tf.ready();
}

/** Emscripten catches every exception of the process and throws it again from its own file; Graft reports its own. */
async function withoutNewHandlers(start: () => Promise<void>): Promise<void> {
	const events = ["uncaughtException", "unhandledRejection"];
	const before = events.map(
		(event) => new Set(process.listeners(event as "exit")),
	);
	await start();
	events.forEach((event, index) => {
		for (const listener of process.listeners(event as "exit"))
			if (!before[index]?.has(listener)) process.off(event, listener);
	});
}
