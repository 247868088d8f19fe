import { mkdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { random } from "../../src/random.ts";

/** Pictures unlike any photo: stripes in noise, a direction a class. */

const SIDE = 96;

/** Writes train/<class>/*.png and valid/<class>/*.png into `root`; the same bytes each time. */
export async function drawGratings(
	root: string,
	classes: number,
	{ train, valid }: { readonly train: number; readonly valid: number },
): Promise<void> {
	for (let label = 0; label < classes; label++)
		for (let place = 0; place < train + valid; place++) {
			const split = place < train ? "train" : "valid";
			const folder = join(root, split, `stripes-${label}`);
			mkdirSync(folder, { recursive: true });
			const data = grating((Math.PI * label) / classes, label * 1000 + place);
			const raw = { width: SIDE, height: SIDE, channels: 1 as const };
			await sharp(data, { raw })
				.png()
				.toFile(join(folder, `${place}.png`));
		}
}

function grating(direction: number, seed: number): Uint8Array {
	const draw = random(seed, "grating");
	const phase = 2 * Math.PI * draw.uniform();
	const [dx, dy] = [Math.cos(direction), Math.sin(direction)];
	return Uint8Array.from({ length: SIDE * SIDE }, (_, at) => {
		const along = dx * (at % SIDE) + dy * Math.floor(at / SIDE);
		const value = 128 + 16 * Math.sin(0.5 * along + phase);
		return Math.max(0, Math.min(255, value + 45 * draw.normal()));
	});
}
