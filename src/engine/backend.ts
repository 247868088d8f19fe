import { existsSync } from "node:fs";
import { RunError } from "../diagnostic.ts";
import type { Device } from "../experiment/types.ts";
import { openBuilt, openInstalled, type Refused } from "./backends/native.ts";
import { openCpu, openWasm } from "./backends/own.ts";
import { openWebgpu } from "./backends/webgpu.ts";

/**
 * Which tfjs trains here, and why.
 *
 *   tfjs-node-gpu → tfjs-node → native → wasm → cpu        the first that loads
 *   └─ the user installed it ─┘  └ setup ┘ └ Graft's own ┘   webgpu only where it is asked for
 *
 * tfjs is loaded by require: one tfjs-core for everything, in the bundle and from source alike.
 */

/** tfjs-core, or the union package of tfjs-node, which contains it. */
export type Tf = typeof import("@tensorflow/tfjs-core");

/** `node` is a tfjs-node: of the user's project, the one for the GPU first, or of `graft setup native`. */
export type BackendName = "node" | "wasm" | "cpu" | "webgpu";

/** tfjs, loaded and ready. */
export interface Tfjs {
	readonly tf: Tf;
	/** What computes: "tfjs-node-gpu", "tfjs-node" (graft setup native builds one, too), "wasm", "cpu" or "webgpu". */
	readonly name: string;
	/** Version of tfjs-core. */
	readonly version: string;
	/** One sentence: why this one. */
	readonly reason: string;
	/** Whether it computes on a GPU. */
	readonly usesGpu: boolean;
}

const NAMES: readonly string[] = ["auto", "node", "wasm", "cpu", "webgpu"];

let opened: { wish: string; tfjs: Promise<Tfjs> } | undefined;

/**
 * Loads tfjs (about 0.05 s for wasm) and makes its backend ready; asked again, the same.
 * @param name a backend to insist on; default the one that is open, else GRAFT_BACKEND, else "auto": the first that loads.
 * @throws RunError "backend-unknown" for another name, "backend-missing" where what was insisted on does not load.
 */
export function openTfjs(name?: BackendName | "auto"): Promise<Tfjs> {
	const wish = name ?? opened?.wish ?? (process.env.GRAFT_BACKEND || "auto");
	if (opened?.wish !== wish) opened = { wish, tfjs: open(wish) };
	return opened.tfjs;
}

/**
 * Loads the tfjs of a device, which `openTfjs()` means from then on. GRAFT_BACKEND is the wish of whoever has none.
 * @throws as openTfjs; "device-missing" where TensorFlow finds no GPU.
 */
export async function openDevice(device: Device = "auto"): Promise<Tfjs> {
	if (device === "auto")
		return openTfjs(
			process.env.GRAFT_BACKEND
				? (process.env.GRAFT_BACKEND as BackendName)
				: "auto",
		);
	if (device === "webgpu" || device === "wasm") return openTfjs(device);
	const tfjs = await (device === "gpu" ? openTfjs("node") : openWithoutGpu());
	if (tfjs.usesGpu === (device === "gpu")) return tfjs;
	throw new RunError(
		"device-missing",
		device === "gpu"
			? `device: gpu needs a GPU, and TensorFlow finds none (${tfjs.reason})`
			: "device: cpu came after a run on the GPU in the same process, which TensorFlow does not leave again",
		{
			fix: "graft doctor shows what is missing; device: auto takes what is there",
		},
	);
}

/**
 * Begins to load the tfjs of `device: auto`, for whoever does not know the device yet. Where there is a GPU nothing is
 * loaded, for TensorFlow would take it and not leave it again.
 */
export function preloadTfjs(): void {
	if (existsSync("/proc/driver/nvidia/version")) return;
	openTfjs().catch(() => undefined);
}

/** TensorFlow looks for GPUs once, while it is loaded. */
async function openWithoutGpu(): Promise<Tfjs> {
	const { CUDA_VISIBLE_DEVICES: before } = process.env;
	process.env.CUDA_VISIBLE_DEVICES = "-1";
	try {
		return await openTfjs("auto");
	} finally {
		if (before === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
		else process.env.CUDA_VISIBLE_DEVICES = before;
	}
}

async function open(wish: string): Promise<Tfjs> {
	if (!NAMES.includes(wish))
		throw new RunError("backend-unknown", `there is no backend "${wish}"`, {
			fix: `set GRAFT_BACKEND to one of ${NAMES.join(", ")}`,
		});
	const refused: string[] = [];
	const isAuto = wish === "auto";
	for (const { name, open: openIt } of CHAIN) {
		if (wish !== name && !(isAuto && name !== "webgpu")) continue;
		const reason = isAuto ? refused.join(", ") : "asked for by name";
		const found = await openIt(reason);
		if (found !== undefined && "tf" in found) return found;
		if (found !== undefined) refused.push(found.refused);
	}
	throw new RunError(
		"backend-missing",
		`the backend "${wish}" cannot be used: ${refused.join(", ")}`,
		{ fix: FIXES[wish] ?? "leave GRAFT_BACKEND out" },
	);
}

const FIXES: Readonly<Record<string, string>> = {
	node: "graft setup native builds it, or leave GRAFT_BACKEND out",
	webgpu:
		"npm install @tensorflow/tfjs-backend-webgpu@4.22.0 webgpu, in your project; its Vulkan driver is the system's",
};

/** One way to a tfjs. */
interface Link {
	readonly name: BackendName;
	/** Undefined: nothing to say about it. */
	readonly open: (reason: string) => Promise<Tfjs | Refused | undefined>;
}

/** In the order of preference. */
const CHAIN: readonly Link[] = [
	{ name: "node", open: () => openInstalled("tfjs-node-gpu") },
	{ name: "node", open: () => openInstalled("tfjs-node") },
	{ name: "node", open: openBuilt },
	{ name: "webgpu", open: openWebgpu },
	{ name: "wasm", open: (reason) => unlessBroken("wasm", openWasm(reason)) },
	{ name: "cpu", open: openCpu },
];

async function unlessBroken(
	name: string,
	opening: Promise<Tfjs>,
): Promise<Tfjs | Refused> {
	try {
		return await opening;
	} catch (cause) {
		return { refused: `${name} does not load (${(cause as Error).message})` };
	}
}
