import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { byCodePoint } from "./order.ts";

/**
 * Which files of a folder are photos, in the order in which torchvision's ImageFolder finds them:
 * folders by their whole path, files within a folder by name, links followed.
 *
 * Where torchvision differs: it leaves .gif out, takes hidden files and folders (`.ipynb_checkpoints`
 * as a class, macOS's `._photo.jpg` as a photo that cannot be decoded), and never returns from a
 * link that leads back to a folder above it.
 */

/** Endings of photos, compared in lower case. */
export const PHOTO_ENDINGS: ReadonlySet<string> = new Set([
	".jpg",
	".jpeg",
	".png",
	".ppm",
	".bmp",
	".pgm",
	".tif",
	".tiff",
	".webp",
	".gif",
]);

/** What lies under a folder. */
export interface Found {
	/** Paths relative to the folder, forward slashes. */
	readonly photos: readonly string[];
	/** Files that are no photos, likewise. */
	readonly others: readonly string[];
	/** Hidden photos and folders that torchvision would take. */
	readonly hidden: readonly string[];
	/** Links to nothing, and names that are not UTF-8: files that nobody can open. */
	readonly unreadable: readonly string[];
}

/** Whether a file or folder is left out as hidden: dot files, and what macOS and Windows strew about. */
export function isHidden(name: string): boolean {
	return name.startsWith(".") || name === "__MACOSX" || name === "Thumbs.db";
}

/** Whether the name ends like a photo's. */
export function isPhotoName(name: string): boolean {
	return PHOTO_ENDINGS.has(extname(name).toLowerCase());
}

/** Whether `path` is a folder or a link to one. */
export function isFolder(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** All photos under `folder`, nested ones included. */
export function findPhotos(folder: string): Found {
	const photos: string[] = [];
	const others: string[] = [];
	const hidden: string[] = [];
	const unreadable: string[] = [];
	const folders: { path: string; names: string[] }[] = [];

	const visit = (relative: string, above: readonly string[]) => {
		const here = join(folder, relative);
		const real = realpathSync.native(here);
		if (above.includes(real)) return;
		const names: string[] = [];
		for (const entry of readdirSync(here, { withFileTypes: true })) {
			const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
			const kind = kindOf(entry, join(here, entry.name));
			if (isHidden(entry.name)) {
				if (kind === "folder" || isPhotoName(entry.name)) hidden.push(path);
			} else if (kind === "none") unreadable.push(path);
			else if (kind === "folder") visit(path, [...above, real]);
			else if (isPhotoName(entry.name)) names.push(entry.name);
			else others.push(path);
		}
		folders.push({ path: relative, names: names.sort(byCodePoint) });
	};
	visit("", []);

	folders.sort((a, b) => byCodePoint(a.path, b.path));
	for (const { path, names } of folders)
		for (const name of names)
			photos.push(path === "" ? name : `${path}/${name}`);
	return { photos, others, hidden, unreadable };
}

/** The folders directly inside a folder, sorted by code point, and those left out as hidden. */
export function findFolders(folder: string): {
	readonly names: readonly string[];
	readonly hidden: readonly string[];
} {
	const folders = readdirSync(folder, { withFileTypes: true })
		.filter((entry) => kindOf(entry, join(folder, entry.name)) === "folder")
		.map((entry) => entry.name)
		.sort(byCodePoint);
	return {
		names: folders.filter((name) => !isHidden(name)),
		hidden: folders.filter(isHidden),
	};
}

function kindOf(entry: Dirent, path: string): "folder" | "file" | "none" {
	if (entry.isDirectory()) return "folder";
	// Bytes that are not UTF-8 come as U+FFFD, and no file has that name.
	if (entry.isFile() && !entry.name.includes("\ufffd")) return "file";
	try {
		const stat = statSync(path);
		return stat.isDirectory() ? "folder" : stat.isFile() ? "file" : "none";
	} catch {
		return "none";
	}
}
