import type { Device } from "../../experiment/types.ts";
import { TFJS_NODE_NAMES } from "../backends/native.ts";
import { findPackage } from "../backends/resolve.ts";
import { nativeFolders } from "../native/place.ts";

/** The tfjs that a run will most likely open, told by what is installed: nothing is loaded. The journal has the one that was. */
export function expectedBackend(device: Device = "auto"): string {
	if (device === "wasm" || device === "webgpu") return device;
	const { GRAFT_BACKEND: wish } = process.env;
	if (device === "auto" && wish && wish !== "auto")
		return wish === "node" ? "tfjs-node" : wish;
	const installed = TFJS_NODE_NAMES.find(
		(name) => findPackage(`@tensorflow/${name}`) !== undefined,
	);
	if (installed !== undefined) return installed;
	return nativeFolders().length > 0 ? "tfjs-node" : "wasm";
}
