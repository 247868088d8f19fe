import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { decodePhoto } from "../../src/data/decode.ts";
import { applyTransforms } from "../../src/data/transforms.ts";
import type { Transform } from "../../src/experiment/types.ts";
import { openExtractor } from "../../src/features/extract.ts";
import { rowsFor } from "../../src/features/feature-set.ts";
import { random } from "../../src/random.ts";
import { PHOTOS, pixelsOnly, resize, samplesIn, TO_TENSOR } from "./pieces.ts";

/** Random transforms in training: what a photo becomes in an epoch depends on the seed, the photo and the epoch alone. */

const AUGMENTED: readonly Transform[] = [
	resize(40, 40),
	{
		name: "RandomCrop",
		params: {
			size: [16, 16],
			padding: null,
			pad_if_needed: true,
			fill: 0,
			padding_mode: "constant",
		},
	},
	{ name: "RandomHorizontalFlip", params: { p: 0.5 } },
	{
		name: "ColorJitter",
		params: {
			brightness: [0.5, 1.5],
			contrast: [0.5, 1.5],
			saturation: [0.5, 1.5],
			hue: [-0.1, 0.1],
		},
	},
	TO_TENSOR,
];

test("one worker and two give each photo of each epoch the same pixels, in whatever order epochs and photos come", async () => {
	const samples = samplesIn(PHOTOS).slice(0, 24);
	const options = { ...pixelsOnly(PHOTOS), transforms: AUGMENTED, seed: 3 };
	const epochs = async (workers: number, order: readonly number[]) => {
		const extractor = openExtractor({ ...options, workers });
		const asked = workers === 1 ? samples : [...samples].reverse();
		const found = new Map<number, Float32Array>();
		try {
			for (const view of order) {
				const set = await extractor.extract(asked, { onCorrupt: "fail", view });
				found.set(view, rowsFor(set, samples).slice());
			}
		} finally {
			await extractor.close();
		}
		return found;
	};
	const one = await epochs(1, [1, 2, 3]);
	const two = await epochs(2, [3, 1, 2]);
	for (const epoch of [1, 2, 3])
		assert.deepEqual(two.get(epoch), one.get(epoch), `epoch ${epoch}`);
	assert.notDeepEqual(one.get(1), one.get(2));

	// The stream is named by seed, content and epoch; nothing else has a say.
	const [sample] = samples;
	assert.ok(sample);
	const bytes = readFileSync(join(PHOTOS, sample.path));
	const pixels = await decodePhoto(bytes, { exif: "apply" });
	const stream = random(3, "transform", sample.sha256, 2);
	const alone = applyTransforms(pixels, AUGMENTED, stream);
	assert.deepEqual(
		one.get(2)?.slice(0, alone.data.length),
		alone.data as Float32Array,
	);
});
