import { existsSync } from "node:fs";
import type { Device } from "../../experiment/types.ts";
import { engineFacts } from "../../versions.ts";
import { expectedBackend } from "./engines.ts";
import { linkCuda } from "./ort-cuda.ts";
import { cudaProviderFile } from "./ort-files.ts";
import { probeProvider } from "./probe.ts";
import type { Provider } from "./types.ts";

/**
 * onnxruntime's provider for a device. What is asked for by name is taken for granted here, so that a plan is the
 * same wherever it is made; `checkDevice` says where it cannot be had.
 */
export async function providerOf(
	device: Device = "auto",
	platform: string = process.platform,
): Promise<Provider> {
	if (device === "gpu") return platform === "darwin" ? "coreml" : "cuda";
	if (device === "webgpu") return "webgpu";
	if (device !== "auto" || !mayHaveCuda()) return "cpu";
	return (await probeProvider("cuda")) === undefined ? "cuda" : "cpu";
}

/** The parts of every cache key that say what computes. @param prefixEngine of the frozen part */
export async function engineOf(
	device: Device | undefined,
	prefixEngine: "onnxruntime" | "tfjs" = "onnxruntime",
) {
	return engineFacts(
		prefixEngine === "tfjs"
			? `tfjs:${expectedBackend(device)}`
			: await providerOf(device),
	);
}

/** A driver, and the provider's library beside onnxruntime's own: else there is nothing to try. */
function mayHaveCuda(): boolean {
	if (!existsSync("/proc/driver/nvidia/version")) return false;
	linkCuda();
	return existsSync(cudaProviderFile());
}
