import {
	cpSync,
	mkdirSync,
	readdirSync,
	renameSync,
	writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import sharp from "sharp";
import { random } from "../../src/random.ts";

/** Photos with known faults: copies of other photos across the splits, wrong labels, broken files. */

export interface Planted {
	/** Pairs of paths that show one picture. */
	readonly duplicates: readonly (readonly [string, string])[];
	/** Where the mislabelled photos lie now. */
	readonly mislabelled: readonly string[];
	readonly broken: readonly string[];
}

const CHANGES = ["resize", "jpeg", "mirror", "crop", "bright", "turn"] as const;

/**
 * Copies the data set `from` (train/<class>/…, valid/<class>/…) to `to` and plants faults into it, drawn by the seed.
 * A photo has one fault at most.
 */
export async function plant(
	from: string,
	to: string,
	counts: {
		readonly duplicates: number;
		readonly mislabelled: number;
		readonly broken: number;
	},
	seed: number,
): Promise<Planted> {
	cpSync(from, to, { recursive: true });
	const classes = readdirSync(join(to, "train")).sort();
	const photos = classes.flatMap((name) =>
		readdirSync(join(to, "train", name))
			.sort()
			.map((file) => `train/${name}/${file}`),
	);
	const draw = random(seed, "plant");
	const order = [...draw.permutation(photos.length)].map(
		(index) => photos[index] as string,
	);
	const take = (count: number) => order.splice(0, count);

	const duplicates: [string, string][] = [];
	for (const [index, path] of take(counts.duplicates).entries()) {
		const [, name = "", file = ""] = path.split("/");
		const copy = `valid/${name}/copy-${basename(file).replace(/\.\w+$/, "")}.jpg`;
		const change = CHANGES[index % CHANGES.length] as (typeof CHANGES)[number];
		writeFileSync(join(to, copy), await changed(join(to, path), change));
		duplicates.push([path, copy]);
	}
	const mislabelled = take(counts.mislabelled).map((path) => {
		const [, name = "", file = ""] = path.split("/");
		const others = classes.filter((other) => other !== name);
		const wrong = others[draw.integer(others.length)] as string;
		const moved = `train/${wrong}/moved-${file}`;
		renameSync(join(to, path), join(to, moved));
		return moved;
	});
	const broken = Array.from({ length: counts.broken }, (_, index) => {
		const path = `train/${classes[index % classes.length]}/broken-${index}.jpg`;
		mkdirSync(join(to, "train", classes[0] as string), { recursive: true });
		const bytes = [
			Buffer.alloc(0),
			Buffer.from("<html>not found</html>"),
			Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 1, 2, 3]),
		][index % 3] as Buffer;
		writeFileSync(join(to, path), bytes);
		return path;
	});
	return { duplicates, mislabelled, broken };
}

async function changed(
	path: string,
	change: (typeof CHANGES)[number],
): Promise<Buffer> {
	const { width, height } = await sharp(path).metadata();
	const photo = sharp(path).flatten({ background: "#ffffff" });
	switch (change) {
		case "resize":
			return photo
				.resize(Math.round(width * 0.6))
				.jpeg()
				.toBuffer();
		case "jpeg":
			return photo.jpeg({ quality: 40 }).toBuffer();
		case "mirror":
			return photo.flop().jpeg().toBuffer();
		case "crop":
			return photo
				.extract({
					left: Math.round(width * 0.04),
					top: Math.round(height * 0.04),
					width: Math.round(width * 0.92),
					height: Math.round(height * 0.92),
				})
				.jpeg()
				.toBuffer();
		case "bright":
			return photo.modulate({ brightness: 1.25 }).jpeg().toBuffer();
		case "turn":
			return photo.rotate(2, { background: "#ffffff" }).jpeg().toBuffer();
	}
}

/** Shares of what was planted that was found, and of what was found that was planted. */
export interface Scores {
	readonly recall: number;
	readonly precision: number;
}

export function scoresOf(
	planted: readonly string[],
	found: readonly string[],
): Scores {
	const hits = found.filter((one) => planted.includes(one)).length;
	return {
		recall: hits / planted.length,
		precision: found.length === 0 ? 1 : hits / found.length,
	};
}

/** Duplicates as texts that can be compared, whatever the order. */
export function pairText(paths: readonly string[]): string {
	return [...paths].sort().join(" = ");
}
