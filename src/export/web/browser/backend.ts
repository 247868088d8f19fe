import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
// @ts-expect-error: esbuild gives the bytes.
import WASM from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm";
import "@tensorflow/tfjs-backend-webgl";
import { env, ready, setBackend } from "@tensorflow/tfjs-core";
import { document } from "./dom.ts";

/**
 * What computes in this browser: the graphics card where it computes in float32, else WebAssembly (SIMD, 0.4 MB
 * that stand in the page), else plain JavaScript. `?backend=wasm` in the page's address insists on one.
 */
export async function openBackend(wish: string | null): Promise<string> {
	const bytes = new Blob([WASM as Uint8Array<ArrayBuffer>], {
		type: "application/wasm",
	});
	const url = URL.createObjectURL(bytes);
	// All names are asked for, and only the first is ever loaded: threads would need files of their own.
	setWasmPaths({
		"tfjs-backend-wasm-simd.wasm": url,
		"tfjs-backend-wasm.wasm": url,
		"tfjs-backend-wasm-threaded-simd.wasm": url,
	});
	env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
	for (const name of wish === null ? ["webgl", "wasm", "cpu"] : [wish])
		if (await opens(name, wish !== null)) return name;
	throw new Error(`this browser cannot compute with ${wish ?? "anything"}`);
}

async function opens(name: string, isWished: boolean): Promise<boolean> {
	try {
		if (name === "webgl" && !isWished && !isGraphicsCard()) return false;
		if (name === "wasm" && !(await env().getAsync("WASM_HAS_SIMD_SUPPORT")))
			return false;
		if (!(await setBackend(name))) return false;
		await ready();
		return true;
	} catch {
		return false;
	}
}

/** Half floats of small phones give other probabilities than the run's; WebGL in software is slower than WebAssembly. */
function isGraphicsCard(): boolean {
	if (!env().getBool("WEBGL_RENDER_FLOAT32_ENABLED")) return false;
	const gl = document.createElement("canvas").getContext("webgl2");
	const info = gl?.getExtension("WEBGL_debug_renderer_info");
	const name = String(
		gl?.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER),
	);
	gl?.getExtension("WEBGL_lose_context")?.loseContext?.();
	return !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}
