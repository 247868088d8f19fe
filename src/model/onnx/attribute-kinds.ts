import type { Attribute } from "../types.ts";

/**
 * Plain data knows numbers, ONNX tells ints from floats. Within ONNX's operators (opsets 1 to 22) the
 * attribute's name decides; these are the names of floats (https://onnx.ai/onnx/operators/).
 */
const FLOATS: ReadonlySet<string> = new Set([
	"activation_alpha",
	"activation_beta",
	"alpha",
	"beta",
	"bias",
	"clip",
	"cubic_coeff_a",
	"epsilon",
	"extrapolation_value",
	"gamma",
	"high",
	"lambd",
	"low",
	"max",
	"mean",
	"min",
	"momentum",
	"ratio",
	"scale",
	"scales",
	"softcap",
	"spatial_scale",
	"threshold",
	"value",
	"value_float",
	"value_floats",
]);

/** How a number or list of an attribute is written in the file. */
export type AttributeKind =
	| "float"
	| "int"
	| "string"
	| "tensor"
	| "graph"
	| "floats"
	| "ints"
	| "strings";

/** The ONNX kind of an attribute, as its name and value tell. An empty list counts as ints. */
export function kindOf(name: string, value: Attribute): AttributeKind {
	if (typeof value === "number") return FLOATS.has(name) ? "float" : "int";
	if (typeof value === "string") return "string";
	if (isList(value)) {
		if (typeof value[0] === "string") return "strings";
		return FLOATS.has(name) ? "floats" : "ints";
	}
	return "nodes" in value ? "graph" : "tensor";
}

/** Array.isArray does not narrow readonly arrays. */
function isList(
	value: Attribute,
): value is readonly number[] | readonly string[] {
	return Array.isArray(value);
}
