import { openTfjs } from "../engine/backend.ts";
import { findPackage } from "../engine/backends/resolve.ts";
import { webgpuLacks } from "../engine/backends/webgpu.ts";
import { providerLack } from "../engine/device/check.ts";
import type { Provider } from "../engine/device/types.ts";
import { readBuild } from "../engine/native/build.ts";
import { unsupported } from "../engine/native/checks.ts";
import {
	type NativeKind,
	nativeFolder,
	TENSORFLOW,
} from "../engine/native/place.ts";
import { tryNative } from "../engine/native/trial.ts";
import { packageVersion } from "../versions.ts";
import type { Finding } from "./doctor.ts";

/** onnxruntime with each of its providers, and tfjs with each of its backends, tried in processes of their own. */
export async function engineFindings(): Promise<readonly Finding[]> {
	const { platform } = process;
	const providers: readonly Provider[] =
		platform === "darwin"
			? ["cpu", "coreml", "webgpu"]
			: ["cpu", "cuda", "webgpu"];
	const found = await Promise.all([
		...providers.map(provider),
		installed("tfjs-node-gpu"),
		installed("tfjs-node"),
		native("cpu"),
		native("gpu"),
		webgpu(),
		wasm(),
	]);
	return [...found.flat(), await taken()];
}

async function provider(name: Provider): Promise<Finding> {
	const lack = await providerLack(name);
	const title = `onnxruntime ${name}`;
	const version = packageVersion("onnxruntime-node") ?? "is not installed";
	if (lack === undefined) return { status: "ok", name: title, text: version };
	const isNeeded = name === "cpu";
	return {
		status: isNeeded ? "bad" : "none",
		name: title,
		text: lack.what.replace(/^[^:]*: /, ""),
		fix: isNeeded ? "npm ci" : lack.fix,
	};
}

/** A package of the user's is loaded by `taken`, which says why it does not load. */
async function installed(name: string): Promise<Finding[]> {
	const path = findPackage(`@tensorflow/${name}`);
	return path === undefined
		? []
		: [{ status: "ok", name: `tfjs ${name}`, text: path }];
}

/** What graft setup native built. */
async function native(kind: NativeKind): Promise<Finding[]> {
	const folder = nativeFolder(kind);
	const name = kind === "cpu" ? "tfjs native" : "tfjs native, GPU";
	const build = readBuild(folder);
	const fix = `graft setup native${kind === "gpu" ? " --gpu" : ""}`;
	if (build === undefined) {
		const why = unsupported();
		return [
			why === undefined
				? { status: "none", name, text: "not built", fix }
				: { status: "none", name, text: why },
		];
	}
	// GRAFT_NATIVE names one folder for both.
	if (build.kind !== kind) return [];
	try {
		const { usesGpu } = await tryNative(folder);
		const text = `TensorFlow ${TENSORFLOW} ${usesGpu ? "on the GPU" : "on the cpu"}, ${folder}`;
		return [
			kind === "gpu" && !usesGpu
				? {
						...{
							status: "bad" as const,
							name,
							text: `${text}: no GPU was found`,
						},
						fix: "nvidia-smi shows whether the driver works",
					}
				: { status: "ok", name, text },
		];
	} catch (error) {
		const words = (error as Error).message.split("\n").at(-1)?.trim() ?? "";
		return [
			{ status: "bad", name, text: words, fix: `${fix} --undo, then ${fix}` },
		];
	}
}

async function webgpu(): Promise<Finding> {
	const missing = webgpuLacks();
	const name = "tfjs webgpu";
	return missing.length === 0
		? { status: "ok", name, text: "installed; used with device: webgpu" }
		: {
				...{ status: "none", name },
				text: `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not installed`,
				fix: `npm install ${missing.map((lack) => (lack === "webgpu" ? lack : `${lack}@4.22.0`)).join(" ")}`,
			};
}

async function wasm(): Promise<Finding> {
	const version = packageVersion("@tensorflow/tfjs-backend-wasm");
	return version === undefined
		? { status: "bad", name: "tfjs wasm", text: "not installed", fix: "npm ci" }
		: { status: "ok", name: "tfjs wasm", text: version };
}

/** What device: auto comes to. */
async function taken(): Promise<Finding> {
	const name = "device: auto";
	try {
		const { name: backend, reason } = await openTfjs();
		const text = `trains with tfjs on ${backend}${reason ? ` (${reason})` : ""}`;
		return { status: "ok", name, text };
	} catch (error) {
		return {
			status: "bad",
			name,
			text: (error as Error).message,
			fix: "npm ci",
		};
	}
}
