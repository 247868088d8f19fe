import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { experimentIn, tuxpaint } from "./graft.ts";

/** So many of the embedded photos of each class, so small that a run takes a moment: for what needs runs, not accuracy. */
export interface SmallCounts {
	readonly train: number;
	readonly valid: number;
	readonly test?: number;
}

/** Class folders in `folder/photos`, of other names where they are given; test photos are train's last. Answers its path. */
export function smallPhotos(
	folder: string,
	{ train, valid, test = 0 }: SmallCounts,
	names: readonly string[] = ["bird", "flower", "fruit"],
): string {
	const root = join(folder, "photos");
	for (const [place, name] of names.entries()) {
		const source = (["bird", "flower", "fruit"] as const)[place] as string;
		const take = (from: string, into: string, start: number, n: number) => {
			if (n === 0) return;
			mkdirSync(join(root, into, name), { recursive: true });
			const files = readdirSync(join(tuxpaint, from, source)).sort();
			for (const file of files.slice(start, start === -n ? undefined : n))
				cpSync(
					join(tuxpaint, from, source, file),
					join(root, into, name, file),
				);
		};
		take("train", "train", 0, train);
		take("valid", "valid", 0, valid);
		take("train", "test", -test, test);
	}
	return root;
}

/** An experiment on them with a head that is fitted at once. */
export function smallExperiment(
	folder: string,
	photos: string,
	{ data = "", rest = "" }: { readonly data?: string; readonly rest?: string },
	name = "small.yaml",
): string {
	return experimentIn(
		folder,
		`data: { root: ${JSON.stringify(photos)}${data} }\ntransforms: [{ Resize: { size: [64, 64] } }, ToTensor, Normalize]\nmodel: { backbone: efficientnet_lite0, head: { logistic: { C: 1 } } }\n${rest}\n`,
		name,
	);
}
