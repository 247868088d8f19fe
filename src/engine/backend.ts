import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import util from "node:util";
import { RunError } from "../diagnostic.ts";
import { packageRoot } from "../paths.ts";
import { nativeFolders } from "./native/place.ts";
import { guardWasmMemory } from "./wasm-memory.ts";

/**
 * Which tfjs trains here, and why.
 *
 *   tfjs-node-gpu → tfjs-node → native → wasm → cpu        the first that loads
 *   └─ the user installed it ─┘  └ setup ┘ └ Graft's own ┘
 *
 * tfjs is loaded by require: one tfjs-core for everything, in the bundle and from source alike.
 */

/** tfjs-core, or the union package of tfjs-node, which contains it. */
export type Tf = typeof import("@tensorflow/tfjs-core");

/** `node` is a tfjs-node: of the user's project, the one for the GPU first, or of `graft setup native`. */
export type BackendName = "node" | "wasm" | "cpu";

/** tfjs, loaded and ready. */
export interface Tfjs {
	readonly tf: Tf;
	/** What computes: "tfjs-node-gpu", "tfjs-node" (graft setup native builds one, too), "wasm" or "cpu". */
	readonly name: string;
	/** Version of tfjs-core. */
	readonly version: string;
	/** One sentence: why this one. */
	readonly reason: string;
}

const NATIVE = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] as const;
const NAMES: readonly string[] = ["auto", "node", "wasm", "cpu"];

let opened: { wish: string; tfjs: Promise<Tfjs> } | undefined;

/**
 * Loads tfjs (about 0.05 s for wasm) and makes its backend ready; asked again, the same.
 * @param device a backend to insist on; default the one that is open, else GRAFT_BACKEND, else "auto": the first that loads.
 * @throws RunError "backend-unknown" for another name, "backend-missing" where what was insisted on does not load.
 */
export function openTfjs(device?: BackendName | "auto"): Promise<Tfjs> {
	const wish = device ?? opened?.wish ?? (process.env.GRAFT_BACKEND || "auto");
	if (opened?.wish !== wish) opened = { wish, tfjs: open(wish) };
	return opened.tfjs;
}

async function open(wish: string): Promise<Tfjs> {
	if (!NAMES.includes(wish))
		throw new RunError("backend-unknown", `there is no backend "${wish}"`, {
			fix: `set GRAFT_BACKEND to one of ${NAMES.join(", ")}`,
		});
	const refused: string[] = [];
	if (wish === "node" || wish === "auto")
		for (const name of NATIVE) {
			const found = await openNative(name);
			if ("tf" in found) return found;
			refused.push(found.refused);
		}
	if (wish === "node" || wish === "auto") {
		const found = await openBuilt();
		if (found !== undefined && "tf" in found) return found;
		if (found !== undefined) refused.push(found.refused);
	}
	if (wish === "wasm" || wish === "auto") {
		try {
			return await openWasm(
				wish === "auto" ? refused.join(", ") : "asked for by name",
			);
		} catch (cause) {
			refused.push(`wasm does not load (${(cause as Error).message})`);
		}
	}
	if (wish === "cpu" || wish === "auto")
		return openCpu(wish === "auto" ? refused.join(", ") : "asked for by name");
	throw new RunError(
		"backend-missing",
		`the backend "${wish}" cannot be used: ${refused.join(", ")}`,
		{
			fix:
				wish === "node"
					? "graft setup native builds it, or leave GRAFT_BACKEND out"
					: "leave GRAFT_BACKEND out",
		},
	);
}

/** Loads an optional package from Graft's folder or from the user's project. */
async function openNative(
	name: (typeof NATIVE)[number],
): Promise<Tfjs | { readonly refused: string }> {
	const path = [packageRoot(), process.cwd()]
		.map((folder) => resolveFrom(folder, name))
		.find((found) => found !== undefined);
	const short = name.replace("@tensorflow/", "");
	if (path === undefined) return { refused: `${short} is not installed` };
	return load(path, short, `${short} is installed`);
}

/** What `graft setup native` built; undefined where it was never called. */
async function openBuilt(): Promise<
	Tfjs | { readonly refused: string } | undefined
> {
	let refused: { readonly refused: string } | undefined;
	for (const folder of nativeFolders()) {
		const path = resolveFrom(folder, "@tensorflow/tfjs-node");
		if (path === undefined) continue;
		const found = await load(path, "tfjs-node", `it was built in ${folder}`);
		if ("tf" in found) return found;
		refused ??= found;
	}
	return refused;
}

async function load(
	path: string,
	name: string,
	reason: string,
): Promise<Tfjs | { readonly refused: string }> {
	prepareNode();
	try {
		const tf = createRequire(path)(path) as Tf;
		// Its own backend, also where wasm was open before: all copies of tfjs-core share one engine.
		if (tf.findBackend?.("tensorflow")) tf.setBackend("tensorflow");
		await tf.ready();
		return { tf, name, version: tf.version_core, reason };
	} catch (cause) {
		const [line] = (cause as Error).message.split("\n");
		return { refused: `${name} is there but does not load (${line}; ${path})` };
	}
}

function resolveFrom(folder: string, name: string): string | undefined {
	try {
		return createRequire(join(folder, "package.json")).resolve(name);
	} catch {
		return undefined;
	}
}

/** tfjs-node 4.22 calls two functions that Node 23 removed; TensorFlow's log stays out of the terminal. */
function prepareNode(): void {
	const old = util as unknown as Record<string, unknown>;
	old.isNullOrUndefined ??= (value: unknown) =>
		value === null || value === undefined;
	old.isArray ??= Array.isArray;
	process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
	process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
}

async function openWasm(reason: string): Promise<Tfjs> {
	const require = createRequire(join(packageRoot(), "package.json"));
	const tf = require("@tensorflow/tfjs-core") as Tf;
	const path = require.resolve("@tensorflow/tfjs-backend-wasm");
	const { setWasmPaths } = require(path) as {
		setWasmPaths: (folder: string) => void;
	};
	setWasmPaths(`${dirname(path)}/`);
	await withoutNewHandlers(() => useBackend(tf, "wasm"));
	// For tests: a real 4 GB take seconds to fill.
	const limitMb = Number(process.env.GRAFT_WASM_MEMORY_MB) || undefined;
	guardWasmMemory(tf, limitMb);
	return { tf, name: "wasm", version: tf.version_core, reason };
}

async function openCpu(reason: string): Promise<Tfjs> {
	const require = createRequire(join(packageRoot(), "package.json"));
	const tf = require("@tensorflow/tfjs-core") as Tf;
	require("@tensorflow/tfjs-backend-cpu");
	await useBackend(tf, "cpu");
	// Else its first use prints an advertisement of tfjs-node.
	(tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
	return { tf, name: "cpu", version: tf.version_core, reason };
}

async function useBackend(tf: Tf, name: string): Promise<void> {
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
