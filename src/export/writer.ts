import type { OrtSession } from "../engine/ort.ts";
import type { Trained } from "../trained.ts";
import type { Opening } from "./card.ts";
import type { WholeNetwork } from "./network.ts";
import type { Quantize } from "./tfjs/model-json.ts";

/** Every format, as `--to` names it. */
export const EXPORT_FORMATS = ["onnx", "safetensors", "tfjs"] as const;

/** One of them. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** How the weights are kept. */
export interface WriteOptions {
	/** Of tfjs: half as many bytes. */
	readonly quantize?: Quantize | undefined;
}

/** What one format has written. */
export interface Written extends Opening {
	/** Relative to the folder. */
	readonly files: readonly string[];
	/** Of these files. */
	readonly bytes: number;
	/** Opens what was written, as its user will: float32 [n, c, h, w] of 0 … 1 in, `logits` and `probabilities` out. */
	readonly open: () => Promise<OrtSession>;
	/** What to do where it does not give the run's answers; undefined: what parity.ts says. */
	readonly fix?: string;
	/** What is only worth writing beside a network that gives the run's answers; answers its files. */
	readonly finish?: () => readonly string[];
}

/**
 * Two steps, so that a network that the format cannot hold is refused before anything is written: first what is to be
 * written, then the files, into a folder that is there.
 */
export type Writer = (
	network: WholeNetwork,
	trained: Trained,
	options: WriteOptions,
) => (folder: string) => Promise<Written>;
