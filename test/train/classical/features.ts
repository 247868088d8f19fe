import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClassicalHead } from "../../../src/experiment/classical-types.ts";
import { fillIn } from "../../../src/experiment/fill-in.ts";
import {
	experimentSchema,
	follow,
	type Schema,
} from "../../../src/experiment/schema.ts";
import { treeOf } from "../../../src/experiment/yaml/tree.ts";
import type { LabelledRows } from "../../../src/features/rows.ts";
import type { Json } from "../../../src/fingerprint.ts";
import { readSafetensors } from "../../../src/model/weights/safetensors.ts";

/** Real features and what scikit-learn makes of them: see golden/make_classical.py. */
export const GOLDEN = join(import.meta.dirname, "golden");

const kept = await readSafetensors(join(GOLDEN, "features.safetensors"));

/** Each `step`th feature of the photos of the first `classes` classes. */
export function realRows(
	split: "train" | "valid",
	{ step = 1, classes = 5 } = {},
): LabelledRows {
	const { data, shape } = kept.tensors.get(`${split}/features`) as {
		data: Float32Array;
		shape: readonly number[];
	};
	const all = kept.tensors.get(`${split}/labels`) as { data: BigInt64Array };
	const [n = 0, d = 0] = shape;
	const rows = Array.from({ length: n }, (_, row) => row).filter(
		(row) => Number(all.data[row]) < classes || split === "valid",
	);
	const width = Math.ceil(d / step);
	const features = new Float32Array(rows.length * width);
	rows.forEach((row, i) => {
		for (let j = 0; j < width; j++)
			features[i * width + j] = data[row * d + j * step];
	});
	const labels = Int32Array.from(rows, (row) => Number(all.data[row]));
	return { features, shape: [width], labels };
}

/** A head as a file names it, its defaults filled in. */
export function headOf(written: Json): ClassicalHead {
	const model = follow(experimentSchema.properties?.model as Schema);
	const schema = model.properties?.head as Schema;
	return fillIn(treeOf(written), schema, [], () => {}) as never;
}

/** One entry of classical.json. */
export interface GoldenHead {
	readonly name: string;
	readonly step: number;
	readonly classes: number;
	readonly head: Json;
	readonly predicted: readonly number[];
	readonly decisions?: readonly number[] | readonly (readonly number[])[];
	readonly probabilities?: readonly (readonly number[])[];
	readonly weight?: readonly (readonly number[])[];
	readonly norm?: number;
	readonly alpha?: number;
	readonly loss?: readonly number[];
}

export const goldenHeads = JSON.parse(
	readFileSync(join(GOLDEN, "classical.json"), "utf8"),
) as readonly GoldenHead[];
