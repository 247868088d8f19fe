import { readFileSync } from "node:fs";
import { decodePhoto } from "../data/decode.ts";
import { applyTransforms } from "../data/transforms.ts";
import { RunError } from "../diagnostic.ts";
import type { OrtSession, Outputs } from "../engine/ort.ts";
import type { Transform } from "../experiment/types.ts";
import { random } from "../random.ts";
import { LOGITS, PROBABILITIES } from "./with-ends.ts";

/** A photo and what the run itself says of it. */
export interface Expected {
	/** Absolute. */
	readonly file: string;
	readonly predicted: number;
	readonly probabilities: readonly number[];
}

/** How an exported network compares with the run. */
export interface Parity {
	readonly photos: number;
	/** Of a probability; undefined where the network gives none. */
	readonly largestDifference: number | undefined;
}

const USUAL_FIX =
	"a run with model.precision: int8 learnt from rounded features: train it with float32 to export it; else this is a fault of Graft, please report it";

/** A class that the run takes a photo for as surely as for another may turn out as either. */
const TIE = 1e-6;

/**
 * Passes photos through the exported network as its user will: decoded, transformed without Normalize, in.
 * @param open opens what was written
 * @throws RunError "export-differs" at the first photo that the exported network takes for something else.
 */
export async function checkParity(
	open: () => Promise<OrtSession>,
	transforms: readonly Transform[],
	expected: readonly Expected[],
	options: {
		readonly exif: "apply" | "ignore";
		readonly isMultiLabel: boolean;
		/** What to do about a difference. */
		readonly fix?: string | undefined;
	},
): Promise<Parity> {
	const session = await open();
	let largestDifference: number | undefined;
	try {
		for (const photo of expected) {
			const { data, dims } = await pixelsOf(photo.file, transforms, options);
			const said = await session.run(data, dims);
			const difference = differenceOf(said, photo);
			if (difference !== undefined)
				largestDifference = Math.max(largestDifference ?? 0, difference);
			if (!agrees(said, photo, options.isMultiLabel))
				throw differs(photo, options.fix);
		}
	} finally {
		await session.close();
	}
	return { photos: expected.length, largestDifference };
}

/** A photo as the exported network takes it: float32 [1, c, h, w], 0 … 1. */
export async function pixelsOf(
	file: string,
	transforms: readonly Transform[],
	{ exif }: { readonly exif: "apply" | "ignore" },
): Promise<{ readonly data: Float32Array; readonly dims: readonly number[] }> {
	const decoded = await decodePhoto(readFileSync(file), { exif });
	const outside = transforms.filter(({ name }) => name !== "Normalize");
	const { data, channels, height, width } = applyTransforms(
		decoded,
		outside,
		random(0, "export"),
	);
	if (!(data instanceof Float32Array))
		throw new Error("internal: the transforms do not end in a tensor");
	return { data, dims: [1, channels, height, width] };
}

function differenceOf(said: Outputs, photo: Expected): number | undefined {
	const probabilities = said.get(PROBABILITIES)?.data;
	return (
		probabilities &&
		photo.probabilities.reduce(
			(most, p, index) =>
				Math.max(most, Math.abs(p - (probabilities[index] ?? 0))),
			0,
		)
	);
}

function agrees(
	said: Outputs,
	photo: Expected,
	isMultiLabel: boolean,
): boolean {
	const logits = said.get(LOGITS)?.data ?? new Float32Array();
	if (isMultiLabel)
		return photo.probabilities.every(
			(p, index) =>
				Math.abs(p - 0.5) < TIE || p > 0.5 === Number(logits[index]) > 0,
		);
	const best = logits.indexOf(Math.max(...logits));
	return (
		best === photo.predicted ||
		Math.abs(
			Number(photo.probabilities[best]) -
				Number(photo.probabilities[photo.predicted]),
		) < TIE
	);
}

function differs({ file }: Expected, fix = USUAL_FIX): RunError {
	return new RunError(
		"export-differs",
		`the exported network takes ${file} for something else than the run did: nothing was written`,
		{ fix },
	);
}
