import { writeSafetensors } from "../../model/weights/safetensors-write.ts";
import type { CheckpointEvent } from "../../train/types.ts";
import type { ArtifactOf } from "../artifact.ts";
import { CHECKPOINTS } from "./state-file.ts";

/**
 * A checkpoint as a file of the run's folder: torchvision's names of what was trained, as in head.safetensors.
 * @param classes names of the classes, as JSON
 */
export function checkpointFile(
	{ name, epoch, step, metrics, weights }: CheckpointEvent,
	classes: string,
): {
	readonly path: string;
	readonly bytes: Uint8Array;
	readonly of: ArtifactOf;
} {
	return {
		path: `${CHECKPOINTS}/${name}.safetensors`,
		bytes: writeSafetensors(weights, { classes, epoch: String(epoch) }),
		of: { step, epoch, metrics },
	};
}
