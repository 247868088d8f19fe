import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { pathToFileURL } from "node:url";
import { compile, type JSONSchema } from "json-schema-to-typescript";
import { packageRoot } from "../paths.ts";

/**
 * Writes types.gen.ts, the TypeScript type of an experiment file, from schemas/experiment.schema.json:
 *
 *   npx tsx src/experiment/generate-types.ts
 */

const SCHEMA = "schemas/experiment.schema.json";
export const TYPES_FILE = "src/experiment/types.gen.ts";

/** The text that types.gen.ts should have. */
export async function generatedTypes(): Promise<string> {
	const text = readFileSync(join(packageRoot(), SCHEMA), "utf8");
	const schema = JSON.parse(text, withPlainRefs) as JSONSchema;
	return compile(schema, "ExperimentFile", {
		bannerComment: `/** Generated from ${SCHEMA} by generate-types.ts: what a user may write. Do not edit. */`,
		additionalProperties: false,
		style: { useTabs: true },
		format: true,
	});
}

/** The generator follows a `$ref` only where it stands alone, and takes `anyOf` beside `properties` for a second type. */
function withPlainRefs(_key: string, value: unknown): unknown {
	if (typeof value !== "object" || value === null) return value;
	const { $ref, anyOf, ...rest } = value as Record<string, unknown>;
	if (typeof $ref === "string" && Object.keys(rest).length > 0)
		return { description: rest.description, allOf: [{ $ref }] };
	if (anyOf !== undefined && "properties" in rest) return rest;
	return value;
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href)
	writeFileSync(join(packageRoot(), TYPES_FILE), await generatedTypes());
