import { type Dirent, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { usedAt } from "./file-hash.ts";
import { weightsFolder } from "./remote/source.ts";

/** Weights that were fetched, one entry a file: what `graft cache` lists and removes. */
export interface KeptWeights {
	/** Below the folder of weights: download.pytorch.org/models/vgg16-397923af.pth. */
	readonly name: string;
	readonly path: string;
	readonly bytes: number;
	readonly lastUsed: Date;
}

/** All files of weights in the cache, the last used first; downloads that are under way are left out. */
export function listWeights(cache: string): readonly KeptWeights[] {
	const root = weightsFolder(cache);
	return filesIn(root)
		.filter((path) => !isWork(path))
		.flatMap((path) => {
			const found = statSync(path, { throwIfNoEntry: false });
			if (found === undefined) return [];
			const used = usedAt(path, cache)?.getTime() ?? 0;
			return {
				name: relative(root, path).replaceAll("\\", "/"),
				path,
				bytes: found.size,
				lastUsed: new Date(Math.max(used, found.mtimeMs)),
			};
		})
		.sort((a, b) => b.lastUsed.getTime() - a.lastUsed.getTime());
}

/** Removes files and the folders that they leave empty. The next run that needs them fetches them again. */
export function removeWeights(
	cache: string,
	files: readonly KeptWeights[],
): void {
	for (const { path } of files) {
		rmSync(path, { force: true });
		let folder = join(path, "..");
		while (relative(weightsFolder(cache), folder) !== "" && isEmpty(folder)) {
			rmdirSync(folder);
			folder = join(folder, "..");
		}
	}
}

/** Locks, parts of downloads and which commit a branch is. */
function isWork(path: string): boolean {
	return (
		/\.(lock|part|tmp)(\.json)?$/.test(path) || /[\\/]refs[\\/]/.test(path)
	);
}

function filesIn(folder: string): readonly string[] {
	return children(folder).flatMap((entry) => {
		const path = join(folder, entry.name);
		return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
	});
}

function isEmpty(folder: string): boolean {
	return children(folder).length === 0;
}

function children(folder: string): readonly Dirent[] {
	try {
		return readdirSync(folder, { withFileTypes: true });
	} catch {
		return [];
	}
}
