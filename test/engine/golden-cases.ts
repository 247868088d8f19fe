import { readdirSync, readFileSync } from "node:fs";
import type { Attribute, DType } from "../../src/model/types.ts";

/** What PyTorch makes of single operators: golden/tfjs-*.json, made by golden/make_*.py with its autograd. */

export interface Plain {
	readonly shape: number[];
	readonly data: number[];
}

export interface GoldenCase {
	readonly op: string;
	readonly opset: number;
	readonly attributes: Record<string, Attribute>;
	readonly inputs: Plain[];
	readonly constants: Record<
		string,
		{ dtype: DType; shape: number[]; values: number[] }
	>;
	readonly output: Plain;
	readonly upstream: Plain;
	/** Null by an input that has none. */
	readonly gradients: (Plain | null)[];
}

/** All files, so that a family of operators can have its own. */
const folder = new URL("golden/", import.meta.url);
export const goldenCases = readdirSync(folder)
	.filter((name) => /^tfjs-.*\.json$/.test(name))
	.sort()
	.flatMap(
		(name) =>
			JSON.parse(readFileSync(new URL(name, folder), "utf8")) as GoldenCase[],
	);
