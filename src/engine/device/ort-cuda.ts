import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../paths.ts";
import { packageVersion } from "../../versions.ts";
import { ortFolder } from "./ort-files.ts";

/**
 * onnxruntime's CUDA provider, which `graft setup gpu` keeps outside node_modules. onnxruntime looks for it beside
 * its own library, so links are put there, and put back after `npm ci`.
 *
 *   <cache>/native/onnxruntime-<version>-<platform>-<arch>-cuda13/
 *     onnxruntime/capi/libonnxruntime_providers_{shared,cuda}.so ─ finds ─ nvidia/…/lib/*.so
 */

/** The folder of `graft setup gpu`; absolute. */
export function cudaFolder(cache = cacheFolder(undefined)): string {
	const { platform, arch } = process;
	const version = packageVersion("onnxruntime-node");
	const name = ["onnxruntime", version, platform, arch, "cuda13"].join("-");
	return join(cache, "native", name);
}

/** Of the provider, in the order in which one needs the other. */
export const PROVIDER_LIBRARIES = ["shared", "cuda"].map(
	(name) => `libonnxruntime_providers_${name}.so`,
);

/** Puts the links beside onnxruntime's library, where setup has been and they are missing. */
export function linkCuda(folder = cudaFolder()): void {
	for (const library of PROVIDER_LIBRARIES) {
		const place = join(ortFolder(), library);
		const kept = join(folder, "onnxruntime/capi", library);
		if (existsSync(place) || !existsSync(kept)) continue;
		try {
			symlinkSync(kept, place);
		} catch {
			// Another process was first, or node_modules cannot be written: onnxruntime will name the library.
		}
	}
}
