/** Which photos: plain data, sorted and hashed. */

/** The part of the photos that is trained on, measured on each epoch, or kept for the end. */
export type Split = "train" | "valid" | "test";

/** One photo of the dataset. */
export interface Sample {
	/** Relative to the dataset's root, forward slashes. */
	readonly path: string;
	/** sha256 of the file's bytes, 64 hex digits. */
	readonly sha256: string;
	/** Index into classNames; -1 with `data.multi_label`. */
	readonly label: number;
	/** With `data.multi_label`: indices into classNames, ascending; none for a photo without a class. */
	readonly labels?: readonly number[];
	readonly split: Split;
}

/** A photo that could not be used, and why. */
export interface CorruptPhoto {
	readonly path: string;
	/** A sentence: "zero bytes", "JPEG ends after 1024 of its rows", … */
	readonly reason: string;
}

/** The photos of an experiment, sorted by split, class and path. */
export interface Dataset {
	/** Absolute folder that sample paths are relative to. */
	readonly root: string;
	/** Sorted by name (Python's str order, as torchvision's find_classes), index = label. */
	readonly classNames: readonly string[];
	/** Sorted by split (train, valid, test), then label, then path: torchvision's ImageFolder order within a split. */
	readonly samples: readonly Sample[];
	/** Files that were left out under `on_corrupt: skip | quarantine`. */
	readonly corrupt: readonly CorruptPhoto[];
	/** sha256 over class names and (sha256, label or labels, split) of every sample in this order; independent of root and of file names. */
	readonly fingerprint: string;
}

/** An image in memory: uint8, height x width x 3, RGB, row-major, 0 … 255. */
export interface Pixels {
	readonly data: Uint8Array;
	readonly height: number;
	readonly width: number;
	readonly channels: 1 | 3;
}

/** An image after ToTensor: float32 channels x height x width, planar, 0 … 1 until normalised. */
export interface FloatImage {
	readonly data: Float32Array;
	readonly channels: number;
	readonly height: number;
	readonly width: number;
}
