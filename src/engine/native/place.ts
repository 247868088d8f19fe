import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder } from "../../paths.ts";

/**
 * Where `graft setup native` keeps tfjs-node and its TensorFlow: outside node_modules, which `npm ci` deletes.
 *
 *   <cache>/native/<tfjs>-<TensorFlow>-<platform>-<arch>-<cpu|gpu>/node_modules/@tensorflow/tfjs-node
 *
 * or the folder that GRAFT_NATIVE names. The addon speaks Node-API 8: one serves every Node from 20 on.
 */

/** The tfjs-node that is built. */
export const TFJS_NODE = "4.22.0";
/** The TensorFlow it is built against. */
export const TENSORFLOW = "2.21.0";

/** With or without CUDA. */
export type NativeKind = "cpu" | "gpu";

/** The folder of a build, whether it is there or not; absolute. */
export function nativeFolder(
	kind: NativeKind,
	cache = cacheFolder(undefined),
): string {
	const named = process.env.GRAFT_NATIVE;
	if (named) return resolve(named);
	const { platform, arch } = process;
	const name = [TFJS_NODE, TENSORFLOW, platform, arch, kind].join("-");
	return join(cache, "native", name);
}

/** Folders in which a tfjs-node may have been built, the one for the GPU first. */
export function nativeFolders(): readonly string[] {
	const kinds = ["gpu", "cpu"] as const;
	return [...new Set(kinds.map((kind) => nativeFolder(kind)))].filter(
		(folder) => existsSync(join(folder, "node_modules/@tensorflow/tfjs-node")),
	);
}
