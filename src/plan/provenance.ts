import { relative } from "node:path";
import type { Provenance } from "../experiment/types.ts";
import { table } from "../text.ts";

/** Where every value of the resolved experiment came from, for people: what `graft plan --values` adds. */
export function printProvenance(
	provenance: readonly Provenance[],
	folder: string,
): string {
	const rows = provenance.map(({ path, from, file, line }) => [
		path,
		file === undefined || file.startsWith("--set")
			? from
			: `${from} ${relative(folder, file)}:${line}`,
	]);
	const lines = table([["value", "from"], ...rows], ["left", "left"]);
	return `\n${lines.join("\n")}\n`;
}
