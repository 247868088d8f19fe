import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Tf, Tfjs } from "../backend.ts";
import type { Refused } from "./native.ts";
import { useBackend } from "./own.ts";
import { findPackage } from "./resolve.ts";

/** tfjs's webgpu backend on Dawn. Both are packages of the user's: Graft brings neither. */

/** What the user installs. */
export const WEBGPU_PACKAGES = [
	"@tensorflow/tfjs-backend-webgpu",
	"webgpu",
] as const;

/** The packages that are not installed. */
export function webgpuLacks(): readonly string[] {
	return WEBGPU_PACKAGES.filter((name) => findPackage(name) === undefined);
}

/** The npm package `webgpu` (Dawn for Node). */
interface Dawn {
	readonly create: (flags: readonly string[]) => object;
	readonly globals: object;
}

/** Opens it, or says what it lacks. */
export async function openWebgpu(): Promise<Tfjs | Refused> {
	const [backend, dawn] = WEBGPU_PACKAGES.map(findPackage);
	if (backend === undefined || dawn === undefined)
		return { refused: `${webgpuLacks().join(" and ")} is not installed` };
	try {
		const { create, globals } = (await import(
			pathToFileURL(dawn).href
		)) as Dawn;
		Object.assign(globalThis, globals);
		Object.defineProperty(globalThis, "navigator", {
			value: { gpu: create([]) },
			configurable: true,
		});
		const require = createRequire(backend);
		const tf = require("@tensorflow/tfjs-core") as Tf;
		require(backend);
		await useBackend(tf, "webgpu");
		const reason = "asked for by name";
		return {
			...{ tf, name: "webgpu", version: tf.version_core, reason },
			usesGpu: true,
		};
	} catch (cause) {
		const [line] = (cause as Error).message.split("\n");
		return { refused: `webgpu is installed but does not start (${line})` };
	}
}
