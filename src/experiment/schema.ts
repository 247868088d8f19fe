import schemaFile from "../../schemas/experiment.schema.json" with {
	type: "json",
};
import type { Json } from "../fingerprint.ts";

/**
 * The part of JSON Schema (draft 2020-12) that schemas/experiment.schema.json is written in,
 * and four words of our own:
 *   x-main            a value that is no map stands for this one option: `Resize: 256`
 *   x-default         in words, a default that no value can say: "the name of the file …"
 *   x-default-unless  the default does not hold when this other key is given
 *   x-any             any value: what it means is checked elsewhere
 */
export interface Schema {
	readonly $ref?: string;
	readonly title?: string;
	readonly description?: string;
	readonly default?: Json;
	readonly examples?: readonly Json[];
	readonly type?: TypeName;
	readonly enum?: readonly (string | number)[];
	readonly anyOf?: readonly Schema[];
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly additionalProperties?: boolean | Schema;
	readonly required?: readonly string[];
	readonly dependentRequired?: Readonly<Record<string, readonly string[]>>;
	readonly minProperties?: number;
	readonly maxProperties?: number;
	readonly items?: Schema;
	readonly minItems?: number;
	readonly maxItems?: number;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly exclusiveMinimum?: number;
	readonly exclusiveMaximum?: number;
	readonly minLength?: number;
	readonly pattern?: string;
	readonly format?: string;
	readonly "x-main"?: string;
	readonly "x-default"?: string;
	readonly "x-default-unless"?: string;
	readonly "x-any"?: true;
}

/** JSON Schema's types. */
export type TypeName =
	| "object"
	| "array"
	| "string"
	| "number"
	| "integer"
	| "boolean"
	| "null";

/** The whole schema of an experiment file. */
export const experimentSchema = schemaFile as unknown as Schema;

const resolved = new WeakMap<Schema, Schema>();

/** The schema with its `$ref` followed; what stands beside a `$ref` goes before what it leads to. */
export function follow(schema: Schema): Schema {
	if (schema.$ref === undefined) return schema;
	const known = resolved.get(schema);
	if (known !== undefined) return known;
	const { $ref, ...beside } = schema;
	const merged = { ...follow(target($ref)), ...beside };
	resolved.set(schema, merged);
	return merged;
}

function target(ref: string): Schema {
	const steps = ref.replace(/^#\//, "").split("/");
	let at: unknown = experimentSchema;
	for (const step of steps) at = (at as Record<string, unknown>)[step];
	if (at === undefined) throw new Error(`internal: ${ref} leads nowhere`);
	return at as Schema;
}

/** The forms a value may take: the schema itself, or its `anyOf` flattened. */
export function forms(schema: Schema): readonly Schema[] {
	const whole = follow(schema);
	if (whole.anyOf === undefined || whole.properties !== undefined)
		return [whole];
	return whole.anyOf.flatMap((form) => forms(form));
}

/** The form that is a map, where there is one. */
export function mapForm(schema: Schema): Schema | undefined {
	return forms(schema).find((form) => form.type === "object");
}

/** Whether a map holds exactly one of its keys, a choice by name: `{ sgd: … }` or `{ adam: … }`. */
export function isChoice(form: Schema): boolean {
	return form.maxProperties === 1;
}

/** The schema of one key of a map. */
export function keySchema(form: Schema, key: string): Schema | undefined {
	const properties = form.properties ?? {};
	if (Object.hasOwn(properties, key)) return properties[key];
	const others = form.additionalProperties;
	return typeof others === "object" ? others : undefined;
}

/** The names of a map's keys, in the schema's order. */
export function keyNames(form: Schema): readonly string[] {
	return Object.keys(form.properties ?? {});
}
