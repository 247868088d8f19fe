import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { decodePhoto } from "../../src/data/decode.ts";
import { applyTransforms } from "../../src/data/transforms.ts";
import { random } from "../../src/random.ts";
import { benchPhotos } from "./photos.ts";

/** CPU time to decode and resize a photo of 500 x 375, all threads counted. */
export async function pixels(): Promise<void> {
	const folder = join(await benchPhotos(200, 40), "train", "class0");
	const photos = readdirSync(folder).map((name) =>
		readFileSync(join(folder, name)),
	);
	const resize = {
		name: "Resize",
		params: {
			size: [224, 224],
			interpolation: "bilinear",
			max_size: null,
			antialias: true,
		},
	};
	const draw = random(0, "bench");
	sharp.concurrency(1);
	sharp.cache(false);
	const only = await cpuOf(photos, async (bytes) => {
		await sharp(bytes).removeAlpha().raw().toBuffer();
	});
	const decode = await cpuOf(photos, async (bytes) => {
		await decodePhoto(bytes, { exif: "apply" });
	});
	const both = await cpuOf(photos, async (bytes) => {
		applyTransforms(
			await decodePhoto(bytes, { exif: "apply" }),
			[resize],
			draw,
		);
	});
	console.log(
		`sharp alone, decode            ${only.toFixed(2)} ms CPU a photo`,
	);
	console.log(`decode                         ${decode.toFixed(2)} ms`);
	console.log(`decode and Resize([224, 224])  ${both.toFixed(2)} ms`);
}

/** Milliseconds of CPU a photo: the least of five rounds, after one to warm up. */
async function cpuOf(
	photos: readonly Buffer[],
	work: (bytes: Buffer) => Promise<void>,
): Promise<number> {
	const rounds: number[] = [];
	for (let round = 0; round < 6; round++) {
		const before = process.cpuUsage();
		for (const bytes of photos) await work(bytes);
		const { user, system } = process.cpuUsage(before);
		if (round > 0) rounds.push((user + system) / 1000 / photos.length);
	}
	return Math.min(...rounds);
}
