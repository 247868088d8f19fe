import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CorruptPhoto } from "../data/corrupt-photo.ts";
import { decodePhoto } from "../data/decode.ts";
import type { CorruptPhoto as Corrupt, Sample } from "../data/types.ts";
import { orientationOf } from "./orientation.ts";

/** What photos are like before any network sees them. */
export interface Pictures {
	/** Photos that were opened. */
	readonly looked: number;
	readonly corrupt: readonly Corrupt[];
	/** Of the longer side: the least, the middle one, the most; in pixels. */
	readonly side: readonly [number, number, number];
	/** Longer side over shorter: the middle one, and the most. */
	readonly ratio: readonly [number, number];
	/** Mean share of a photo that Resize 256 and CenterCrop 224 leave. */
	readonly kept: number;
	/** Photos whose red, green and blue are everywhere the same. */
	readonly grey: number;
	/** Photos that an orientation tag turns. */
	readonly turned: number;
	/** Photos whose shorter side has fewer pixels than the network's 224. */
	readonly small: number;
}

/** Photos that are decoded at once: libvips has a thread for each. */
const AT_ONCE = 8;
const VIEW = 224;
const SHORT = 256;

/** Opens photos, turned upright. Those that cannot be read are findings. */
export async function lookAtPictures(
	root: string,
	samples: readonly Sample[],
	onDone: (done: number) => void,
): Promise<Pictures> {
	const seen: Seen[] = [];
	const corrupt: { path: string; reason: string; row: number }[] = [];
	let next = 0;
	async function work(): Promise<void> {
		while (next < samples.length) {
			const row = next++;
			const { path } = samples[row] as Sample;
			try {
				seen.push(await lookAt(join(root, path)));
			} catch (error) {
				const known = error instanceof CorruptPhoto || isOfFiles(error);
				if (!known) throw error;
				corrupt.push({ path, reason: (error as Error).message, row });
			}
			onDone(seen.length + corrupt.length);
		}
	}
	await Promise.all(Array.from({ length: AT_ONCE }, work));
	const sides = seen.map(({ height, width }) => Math.max(height, width));
	const ratios = seen.map(ratioOf);
	const parts = ratios.map((ratio) => (VIEW / SHORT) ** 2 / ratio);
	const amount = (test: (one: Seen) => boolean) => seen.filter(test).length;
	return {
		looked: samples.length,
		corrupt: corrupt
			.sort((a, b) => a.row - b.row)
			.map(({ path, reason }) => ({ path, reason })),
		side: [at(sides, 0), at(sides, 0.5), at(sides, 1)],
		ratio: [at(ratios, 0.5), at(ratios, 1)],
		kept:
			parts.sort((a, b) => a - b).reduce((sum, part) => sum + part, 0) /
			Math.max(1, parts.length),
		grey: amount(({ isGrey }) => isGrey),
		turned: amount(({ isTurned }) => isTurned),
		small: amount(({ height, width }) => Math.min(height, width) < VIEW),
	};
}

interface Seen {
	readonly height: number;
	readonly width: number;
	readonly isGrey: boolean;
	readonly isTurned: boolean;
}

async function lookAt(file: string): Promise<Seen> {
	const bytes = await readFile(file);
	const { data, height, width } = await decodePhoto(bytes, { exif: "apply" });
	return {
		...{ height, width, isGrey: isGrey(data) },
		isTurned: (orientationOf(bytes) ?? 1) > 1,
	};
}

/** JPEG leaves grey photos grey to the last bit; scans of them are not. */
function isGrey(data: Uint8Array): boolean {
	for (let i = 0; i + 2 < data.length; i += 3)
		if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
	return true;
}

function isOfFiles(error: unknown): boolean {
	return (error as NodeJS.ErrnoException).code !== undefined;
}

function ratioOf({ height, width }: Seen): number {
	return Math.max(height, width) / Math.max(1, Math.min(height, width));
}

function at(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
