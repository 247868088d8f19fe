import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { tuxpaint } from "../support/graft.ts";

/** A folder with the first photos of some classes of the embedded ones: train/<class>/*, valid/<class>/*. */
export function fewPhotos(
	folder: string,
	classes: readonly string[],
	train: number,
	valid: number,
): string {
	const root = join(folder, "photos");
	for (const [split, count] of [
		["train", train],
		["valid", valid],
	] as const)
		for (const name of classes) {
			const from = join(tuxpaint, split, name);
			const to = join(root, split, name);
			mkdirSync(to, { recursive: true });
			for (const photo of readdirSync(from).sort().slice(0, count))
				cpSync(join(from, photo), join(to, photo));
		}
	return root;
}
