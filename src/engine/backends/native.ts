import { createRequire } from "node:module";
import { join } from "node:path";
import util from "node:util";
import type { Tf, Tfjs } from "../backend.ts";
import { QUIET_ADDON } from "../native/compile.ts";
import { nativeFolders } from "../native/place.ts";
import { findPackage, resolveFrom } from "./resolve.ts";

/** tfjs-node: a package of the user's, or what `graft setup native` built. */

/** Why a backend is not taken. */
export interface Refused {
	readonly refused: string;
}

/** In the order of preference. */
export const TFJS_NODE_NAMES = ["tfjs-node-gpu", "tfjs-node"] as const;

/** Loads tfjs-node or tfjs-node-gpu from Graft's folder or from the user's project. */
export async function openInstalled(
	name: (typeof TFJS_NODE_NAMES)[number],
): Promise<Tfjs | Refused> {
	const path = findPackage(`@tensorflow/${name}`);
	return path === undefined
		? { refused: `${name} is not installed` }
		: load(path, name, `${name} is installed`);
}

/** What `graft setup native` built; undefined where it was never called. */
export async function openBuilt(): Promise<Tfjs | Refused | undefined> {
	let refused: Refused | undefined;
	for (const folder of nativeFolders()) {
		const path = resolveFrom(folder, "@tensorflow/tfjs-node");
		if (path === undefined) continue;
		const found = await load(
			path,
			"tfjs-node",
			`it was built in ${folder}`,
			folder,
		);
		if ("tf" in found) return found;
		refused ??= found;
	}
	return refused;
}

/** What the backend of tfjs-node tells beside tfjs-core's own. */
interface NodeBackend {
	readonly isUsingGpuDevice?: boolean;
}

async function load(
	path: string,
	name: string,
	reason: string,
	folder?: string,
): Promise<Tfjs | Refused> {
	prepareNode();
	const quiet = folder === undefined ? undefined : openQuiet(folder);
	quiet?.mute();
	try {
		const tf = createRequire(path)(path) as Tf;
		// Its own backend, also where wasm was open before: all copies of tfjs-core share one engine.
		if (tf.findBackend?.("tensorflow")) tf.setBackend("tensorflow");
		await tf.ready();
		const { isUsingGpuDevice: usesGpu = false } = (tf.backend?.() ??
			{}) as NodeBackend;
		return { tf, name, version: tf.version_core, reason, usesGpu };
	} catch (cause) {
		const [line] = (cause as Error).message.split("\n");
		return { refused: `${name} is there but does not load (${line}; ${path})` };
	} finally {
		quiet?.unmute();
		if (folder !== undefined)
			quiet?.quieten(join(folder, "tensorflow/libtensorflow_framework.so.2"));
	}
}

/** tfjs-node 4.22 calls two functions that Node 23 removed and Node 22 warns of; TensorFlow's log stays out of the terminal. */
function prepareNode(): void {
	const old = util as unknown as Record<string, unknown>;
	old.isNullOrUndefined = (value: unknown) =>
		value === null || value === undefined;
	old.isArray = Array.isArray;
	process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
	process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
}

/** See native/quiet.cc. */
interface Quiet {
	readonly mute: () => void;
	readonly unmute: () => void;
	readonly quieten: (library: string) => void;
}

/** Undefined where the folder was not made by graft setup native. */
function openQuiet(folder: string): Quiet | undefined {
	try {
		return createRequire(import.meta.url)(join(folder, QUIET_ADDON)) as Quiet;
	} catch {
		return undefined;
	}
}
