import { statSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { RunError } from "../diagnostic.ts";
import type { PredictedPhoto } from "../predict.ts";
import { printable } from "../text.ts";
import type { Options } from "./arguments.ts";
import { asking } from "./asking.ts";
import type { Io } from "./io.ts";
import { writeOut } from "./write-out.ts";

/**
 * Writes each photo as the network saw it, with where it looked for the class it said over it, as PNG into a folder.
 * @returns photo → its file
 * @throws RunError "no-heat-map" where the network has none to give, "out-not-writable"
 */
export async function explainPhotos(
	run: string,
	photos: readonly PredictedPhoto[],
	folder: string,
	options: Options,
	io: Io,
): Promise<ReadonlyMap<string, string>> {
	const { openExplainer } = await import("../explain.ts");
	const { heatOver } = await import("../data/preview/heat.ts");
	const { openAlone } = await import("../trained.ts");
	const { ask, end } = asking("heat maps", options, io);
	const opened = await openAlone(run, ask);
	const explainer = opened.ok
		? await openExplainer(opened.value)
		: (opened.diagnostics[0]?.message ?? "");
	if (typeof explainer === "string")
		throw new RunError("no-heat-map", `there is no heat map: ${explainer}`, {
			fix: "leave --explain out",
		});
	const files = new Map<string, string>();
	const taken = new Set<string>();
	try {
		for (const { path, predicted } of photos) {
			const { heat, seen } = await explainer.explain(resolve(path), {
				of: predicted,
			});
			const file = join(folder, freeName(path, taken));
			writeOut(file, await heatOver(seen, heat));
			files.set(path, file);
		}
	} finally {
		await explainer.close();
		end();
	}
	io.stderr(
		`${explainer.method}: ${files.size} written to ${printable(folder)}\n`,
	);
	return files;
}

/** Before anything is computed. @throws RunError "bad-value" where the folder is a file. */
export function refuseFile(folder: string | undefined): void {
	if (folder === undefined) return;
	const found = statSync(folder, { throwIfNoEntry: false });
	if (found === undefined || found.isDirectory()) return;
	throw new RunError("bad-value", `--explain is "${folder}", which is a file`, {
		fix: "name a folder: each photo becomes a file of it",
	});
}

/** `bird.png`, or `bird-2.png` where another photo of that name was before. */
function freeName(path: string, taken: Set<string>): string {
	const stem = basename(path, extname(path));
	let name = `${stem}.png`;
	for (let number = 2; taken.has(name.toLowerCase()); number++)
		name = `${stem}-${number}.png`;
	taken.add(name.toLowerCase());
	return name;
}
