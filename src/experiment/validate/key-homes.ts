import {
	experimentSchema,
	forms,
	isChoice,
	keyNames,
	type Schema,
} from "../schema.ts";

let homes: ReadonlyMap<string, readonly string[]> | undefined;

/** Every key outside the transforms → the dotted paths of the maps it belongs in ("" is the file itself). */
export function keyHomes(): ReadonlyMap<string, readonly string[]> {
	homes ??= collect();
	return homes;
}

function collect(): ReadonlyMap<string, readonly string[]> {
	const found = new Map<string, string[]>();
	walk(experimentSchema, "", found);
	return found;
}

function walk(
	schema: Schema,
	path: string,
	found: Map<string, string[]>,
): void {
	for (const form of forms(schema)) {
		if (form.type !== "object") continue;
		for (const key of keyNames(form)) {
			const owners = found.get(key) ?? [];
			if (!isChoice(form)) found.set(key, [...owners, path]);
			const inside = form.properties?.[key] as Schema;
			if (key !== "transforms")
				walk(inside, path === "" ? key : `${path}.${key}`, found);
		}
	}
}
