import type { Diagnostic } from "./diagnostic.ts";
import { deviceLacks } from "./engine/device/check.ts";
import type { LoadedExperiment } from "./experiment/load.ts";
import { placed } from "./plan/place.ts";

/**
 * Whether the devices that experiments ask for can be had on this machine: one error for each thing that is missing,
 * at the place of `device`. Looked at before anything is started; `auto`, `cpu` and `wasm` every machine has.
 */
export async function checkDevices(
	experiments: readonly LoadedExperiment[],
): Promise<readonly Diagnostic[]> {
	const firsts = new Map(
		experiments.map((loaded) => [loaded.experiment.device ?? "auto", loaded]),
	);
	const found: Diagnostic[] = [];
	for (const [device, loaded] of firsts)
		for (const { what, fix } of await deviceLacks(device))
			found.push(
				placed(loaded, ["device"], {
					severity: "error",
					code: "device-missing",
					message: `device: ${device} cannot be had here: ${what}`,
					reason:
						"what trains (tfjs) and what runs the frozen prefix (onnxruntime) each need it; device: auto takes what is there",
					fix,
				}),
			);
	return found;
}
