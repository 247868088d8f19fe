import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { random } from "../../src/random.ts";
import { root } from "./process.ts";

/**
 * An ImageFolder of `train` + `valid` different photos of 500 x 375 pixels in two classes, cut at random out of
 * real ones: the pets of ../shared where they are, else the embedded photos. Kept in .bench/.
 */
export async function benchPhotos(
	train: number,
	valid: number,
): Promise<string> {
	const folder = join(root, ".bench", `photos-${train}-${valid}`);
	if (existsSync(join(folder, "done"))) return folder;
	const { classes } = sources();
	const draw = random(0, "bench-photos");
	for (const [split, wanted] of [
		["train", train],
		["valid", valid],
	] as const) {
		for (const [label, photos] of classes.entries()) {
			const target = join(folder, split, `class${label}`);
			mkdirSync(target, { recursive: true });
			for (let index = 0; index < wanted / classes.length; index++) {
				const photo = photos[draw.integer(photos.length)] as string;
				const { width, height } = await sharp(photo).metadata();
				const share = 0.7 + 0.3 * draw.uniform();
				const cut = {
					left: Math.floor(draw.uniform() * (1 - share) * width),
					top: Math.floor(draw.uniform() * (1 - share) * height),
					width: Math.floor(share * width),
					height: Math.floor(share * height),
				};
				await sharp(photo)
					.extract(cut)
					.resize(500, 375, { fit: "fill" })
					.jpeg({ quality: 90 })
					.toFile(join(target, `${index}.jpg`));
			}
		}
	}
	mkdirSync(join(folder, "done"));
	return folder;
}

function sources(): { classes: readonly string[][] } {
	const pets = join(root, "..", "shared", "datasets", "oxford-pets-370");
	const folders = existsSync(pets)
		? [join(pets, "cats"), join(pets, "dogs")]
		: ["bird", "mammal"].map((name) =>
				join(root, "experiments/data/tuxpaint-photos/train", name),
			);
	return {
		classes: folders.map((folder) =>
			readdirSync(folder).map((name) => join(folder, name)),
		),
	};
}
