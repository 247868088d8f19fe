import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import {
	generatedTypes,
	TYPES_FILE,
} from "../../src/experiment/generate-types.ts";
import {
	experimentSchema,
	follow,
	forms,
	isChoice,
	keyNames,
	type Schema,
} from "../../src/experiment/schema.ts";
import { validateAs } from "../../src/experiment/validate/validate.ts";
import { treeOf } from "../../src/experiment/yaml/tree.ts";
import type { Json } from "../../src/fingerprint.ts";
import { zooNames } from "../../src/model/zoo/zoo.ts";
import { packageRoot } from "../../src/paths.ts";
import { random } from "../../src/random.ts";

interface Key {
	readonly path: string;
	readonly schema: Schema;
	readonly owner: Schema;
}

/** Every key of the schema, at every depth. */
function everyKey(schema: Schema, path = ""): Key[] {
	if (/RandomApply\..*RandomApply|RandomApply\.[A-Z]/.test(path)) return [];
	return forms(schema).flatMap((form) => {
		const inside = form.items ?? form.additionalProperties;
		if (typeof inside === "object") return everyKey(inside, path);
		return keyNames(form).flatMap((name) => {
			const member = form.properties?.[name] as Schema;
			const here = path === "" ? name : `${path}.${name}`;
			const key = { path: here, schema: follow(member), owner: form };
			return [key, ...everyKey(member, here)];
		});
	});
}

const keys = everyKey(experimentSchema);

test("every key has a description that ends with a full stop", () => {
	assert.ok(keys.length > 150);
	for (const { path, schema } of keys)
		assert.match(schema.description ?? "", /\.$/, path);
});

test("every key has a default, says it in words, is needed, or is one of a choice", () => {
	for (const { path, schema, owner } of keys) {
		const name = path.split(".").at(-1) as string;
		const says =
			schema.default !== undefined ||
			schema["x-default"] !== undefined ||
			owner.required?.includes(name) ||
			isChoice(owner);
		assert.ok(says, path);
	}
});

test("every key has examples, and each of them is valid, as is each default", () => {
	for (const { path, schema } of keys) {
		assert.ok((schema.examples?.length ?? 0) > 0, path);
		const values = [...(schema.examples ?? [])];
		if (schema.default !== undefined) values.push(schema.default);
		for (const value of values)
			assert.deepEqual(validateAs(treeOf(value), schema, [path]), []);
	}
	for (const example of experimentSchema.examples ?? [])
		assert.deepEqual(validateAs(treeOf(example), experimentSchema, []), []);
});

test("the schema names the networks of the zoo", () => {
	const { schema } = keys.find(({ path }) => path === "model.backbone") as Key;
	const names = forms(schema).flatMap((form) => form.enum ?? []);
	assert.deepEqual([...names].sort(), [...zooNames()].sort());
});

test("types.gen.ts is what the schema gives now", async () => {
	const kept = readFileSync(join(packageRoot(), TYPES_FILE), "utf8");
	assert.equal(kept, await generatedTypes());
});

test("the validator and ajv accept the same files", () => {
	const ajv = new Ajv2020({
		allErrors: false,
		strict: true,
		strictTypes: false,
		strictRequired: false,
	});
	ajv.addVocabulary(["x-main", "x-default", "x-default-unless", "x-any"]);
	ajv.addFormat("path", true).addFormat("uri", true).addFormat("remote", true);
	const text = readFileSync(
		join(packageRoot(), "schemas/experiment.schema.json"),
		"utf8",
	);
	const accepts = ajv.compile(JSON.parse(text));
	const pool = valuePool();
	const draw = random(0, "ajv");
	let valid = 0;
	for (let round = 0; round < 3000; round++) {
		const start = experimentSchema.examples?.[0] as Json;
		let value = start;
		for (let step = 0; step <= draw.integer(3); step++)
			value = changed(value, pool, draw);
		const ours = validateAs(treeOf(value), experimentSchema, []).length === 0;
		assert.equal(ours, accepts(value), JSON.stringify(value));
		if (ours) valid++;
	}
	assert.ok(valid > 100, `${valid} of 3000 were valid`);
});

/** Examples and defaults of every key, and values that mostly fit nowhere. */
function valuePool(): readonly (readonly [string, Json])[] {
	const named = keys.flatMap(({ path, schema }) => {
		const name = path.split(".").at(-1) as string;
		const values: readonly Json[] = [
			...(schema.examples ?? []),
			...(schema.default === undefined ? [] : [schema.default]),
		];
		return values.map((value): [string, Json] => [name, value]);
	});
	const strange: Json[] = [null, true, -1, 0.5, 1e300, "", "x", [], {}, [[]]];
	return [...named, ...strange.map((value): [string, Json] => ["odd", value])];
}

/** One value somewhere inside replaced, added or taken away. */
function changed(
	value: Json,
	pool: readonly (readonly [string, Json])[],
	draw: ReturnType<typeof random>,
): Json {
	const [name, other] = pool[draw.integer(pool.length)] as [string, Json];
	if (value === null || typeof value !== "object" || draw.integer(5) === 0)
		return other;
	if (Array.isArray(value)) {
		const items = [...value];
		const index = draw.integer(items.length + 1);
		if (draw.integer(4) === 0) items.splice(index, 1);
		else if (index < items.length)
			items[index] = changed(items[index], pool, draw);
		else items.push(other);
		return items;
	}
	const record = { ...(value as Record<string, Json>) };
	const members = Object.keys(record);
	if (members.length === 0 || draw.integer(3) === 0) record[name] = other;
	else {
		const key = members[draw.integer(members.length)] as string;
		if (draw.integer(6) === 0) delete record[key];
		else record[key] = changed(record[key] as Json, pool, draw);
	}
	return record;
}
