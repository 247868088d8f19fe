import type { Diagnostic } from "../../diagnostic.ts";
import { experimentSchema, follow, forms, type Schema } from "../schema.ts";
import type { ListTree, ScalarTree, Tree } from "../yaml/tree.ts";
import { byPlace } from "./sort.ts";
import { checkMap } from "./validate-map.ts";
import { type Check, report } from "./validate-report.ts";
import { meaning, scalarFault } from "./validate-scalar.ts";
import { wrongType } from "./validate-type.ts";
import { expected, nameOf } from "./wording.ts";

/**
 * Everything in a tree that the schema does not allow, sorted by place.
 *
 * Where the schema offers several forms (`anyOf`), the one of the value's own shape is taken, and
 * only what is wrong with that one is said: `optimizer: { sgd: { momentm: 0.9 } }` is a map, so it is
 * compared with the map form alone.
 */
export function validate(tree: Tree): readonly Diagnostic[] {
	return validateAs(tree, experimentSchema, []);
}

/** The same for one part of the schema; `path` is where in the file the tree stands. */
export function validateAs(
	tree: Tree,
	schema: Schema,
	path: readonly (string | number)[],
): readonly Diagnostic[] {
	const found: Diagnostic[] = [];
	check({ tree, schema, path, parent: undefined, at: tree.at, found, check });
	return byPlace(found);
}

/** Chooses the form by the value's shape and compares with it. */
function check(place: Check): void {
	const { tree, schema } = place;
	if (follow(schema)["x-any"]) return;
	const fitting = forms(schema).filter((form) => hasShape(tree, form));
	if (fitting.length === 0) wrongType(place);
	else if (tree.kind === "map")
		checkMap({ ...place, tree }, bestMapForm(tree, fitting));
	else if (tree.kind === "list") checkList({ ...place, tree }, fitting);
	else checkScalar({ ...place, tree }, fitting);
}

function hasShape(tree: Tree, form: Schema): boolean {
	if (tree.kind === "map") return form.type === "object";
	if (tree.kind === "list") return form.type === "array";
	const { value } = tree;
	if (form.enum !== undefined)
		return form.enum.some((option) => typeof option === typeof value);
	switch (form.type) {
		case "null":
			return value === null;
		case "integer":
			return typeof value === "number";
		case "object":
		case "array":
			return false;
		default:
			return typeof value === form.type;
	}
}

/** Of several map forms, the one that knows most of the keys. */
function bestMapForm(
	tree: Extract<Tree, { kind: "map" }>,
	fitting: readonly Schema[],
): Schema {
	const known = (form: Schema) =>
		[...tree.entries.keys()].filter((key) =>
			Object.hasOwn(form.properties ?? {}, key),
		).length;
	return fitting.reduce((best, form) =>
		known(form) > known(best) ? form : best,
	);
}

function checkScalar(
	place: Check & { tree: ScalarTree },
	fitting: readonly Schema[],
): void {
	const faults = fitting.map((form) => scalarFault(place, form));
	const [first] = faults;
	if (first !== undefined && !faults.includes(undefined)) report(place, first);
}

function checkList(
	place: Check & { tree: ListTree },
	fitting: readonly Schema[],
): void {
	const { tree, path } = place;
	const count = tree.items.length;
	const form = fitting.find(
		({ minItems = 0, maxItems = Number.POSITIVE_INFINITY }) =>
			count >= minItems && count <= maxItems,
	);
	if (form === undefined) {
		const wanted = expected(
			fitting.length === 1 ? (fitting[0] as Schema) : { anyOf: fitting },
		);
		report(place, {
			code: "bad-value",
			message:
				count === 0
					? `${nameOf(path)} is an empty list, expected ${wanted}`
					: `${nameOf(path)} has ${count} ${count === 1 ? "item" : "items"}, expected ${wanted}`,
			...meaning(place.schema),
			fix: `write ${wanted}`,
		});
		return;
	}
	const items = follow(form.items ?? {});
	tree.items.forEach((item, index) => {
		place.check({
			...place,
			tree: item,
			schema: items,
			path: [...path, index],
			parent: tree,
			at: item.at,
		});
	});
}
