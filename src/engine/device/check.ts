import type { Device } from "../../experiment/types.ts";
import { findPackage } from "../backends/resolve.ts";
import { webgpuLacks } from "../backends/webgpu.ts";
import { readBuild } from "../native/build.ts";
import { nativeFolder, nativeFolders } from "../native/place.ts";
import { tryNative } from "../native/trial.ts";
import { probeProvider } from "./probe.ts";
import { providerOf } from "./provider.ts";
import type { Provider } from "./types.ts";

/** Whether the device that an experiment asks for can be had here, found out before it starts. */

/** Something that a device needs and that is not here. */
export interface DeviceLack {
	/** Which library, package or driver, and whose. */
	readonly what: string;
	/** The one command, where there is one. */
	readonly fix: string;
}

/** What is missing for tfjs and for onnxruntime; nothing for auto, cpu and wasm, which every machine has. */
export async function deviceLacks(
	device: Device,
): Promise<readonly DeviceLack[]> {
	if (device !== "gpu" && device !== "webgpu") return [];
	const lacks = [
		await tfjsLack(device),
		await providerLack(await providerOf(device)),
	];
	return lacks.filter((lack) => lack !== undefined);
}

async function tfjsLack(
	device: "gpu" | "webgpu",
): Promise<DeviceLack | undefined> {
	if (device === "webgpu") {
		const missing = webgpuLacks();
		return missing.length === 0
			? undefined
			: {
					what: `tfjs: ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not installed`,
					fix: `npm install ${missing.map((name) => (name === "webgpu" ? name : `${name}@4.22.0`)).join(" ")}`,
				};
	}
	// What the user installed tells only when it is loaded.
	if (findPackage("@tensorflow/tfjs-node-gpu") !== undefined) return undefined;
	const [folder] = nativeFolders().filter(
		(built) => readBuild(built)?.kind !== "cpu",
	);
	if (folder === undefined)
		return {
			what: `tfjs: there is no TensorFlow with CUDA (${nativeFolder("gpu")})`,
			fix: "graft setup native --gpu",
		};
	const { usesGpu } = await tryNative(folder);
	return usesGpu
		? undefined
		: {
				what: "tfjs: TensorFlow finds no GPU",
				fix: "nvidia-smi shows whether the driver works",
			};
}

/** What a provider lacks here. */
export async function providerLack(
	provider: Provider,
): Promise<DeviceLack | undefined> {
	const why = await probeProvider(provider);
	return why === undefined
		? undefined
		: { what: `onnxruntime ${provider}: ${why}`, fix: fixOf(provider, why) };
}

function fixOf(provider: Provider, why: string): string {
	if (provider === "webgpu")
		return "install a Vulkan driver: apt-get install libvulkan1, and the GPU's own";
	if (provider === "coreml") return "CoreML is there on macOS alone";
	return why.startsWith("libcuda.so")
		? "install NVIDIA's driver (nvidia-smi shows whether it works)"
		: "graft setup gpu";
}
