import { classicalHead } from "../experiment/classical-types.ts";
import type { Experiment, Transform } from "../experiment/types.ts";
import { fromMlflowKey, toMlflowKey, wellFormed } from "./names.ts";

/** A resolved experiment as MLflow's params: `train.optimizer.sgd.momentum`, spelt as `--set` reads it. */

/** Longer values are cut by the server without a word. */
const LONGEST = 6000;

/** The artifact that holds the values which are too long for a param. */
export const LONG_PARAMS_FILE = "long-params.json";

export interface Params {
	/** By the server's key, ascending. */
	readonly params: ReadonlyMap<string, string>;
	/** Whole values and keys of what did not fit; goes into LONG_PARAMS_FILE. */
	readonly long: Readonly<Record<string, string>>;
}

/** Every value of the experiment but its name, description and where it is tracked, and `train` where its head reads nothing of it. */
export function paramsOf(experiment: Experiment): Params {
	const { seed, data, transforms, model, sweep } = experiment;
	const train =
		classicalHead(model.head) === undefined ? experiment.train : undefined;
	const flat = new Map<string, string>();
	flatten({ seed, data, ...lists(transforms), model, train, sweep }, "", flat);
	const params = new Map<string, string>();
	const long: Record<string, string> = {};
	for (const [key, value] of [...flat].sort(([a], [b]) => (a < b ? -1 : 1))) {
		const short = toMlflowKey(key);
		const fits = value.length <= LONGEST;
		params.set(short, fits ? value : pointer(value));
		if (!fits || fromMlflowKey(short) !== key) long[key] = value;
	}
	return { params, long };
}

function pointer(value: string): string {
	return `${wellFormed(value.slice(0, 200))} … (${value.length} characters: see the artifact ${LONG_PARAMS_FILE})`;
}

/** One list where both are the same. */
function lists({ train, eval: evaluation }: Experiment["transforms"]): object {
	const [a, b] = [train.map(written), evaluation.map(written)];
	return JSON.stringify(a) === JSON.stringify(b)
		? { transforms: a }
		: { transforms: { train: a, eval: b } };
}

function written({ name, params }: Transform): unknown {
	const nested = params.transforms as readonly Transform[] | undefined;
	const all =
		nested === undefined
			? params
			: { ...params, transforms: nested.map(written) };
	return Object.keys(all).length === 0 ? name : { [name]: all };
}

/** Lists of plain values stay whole: `[224,224]` is one value to a reader. */
function flatten(
	value: unknown,
	path: string,
	into: Map<string, string>,
): void {
	const isList = Array.isArray(value);
	if (
		isList &&
		value.every((item) => typeof item !== "object" || item === null)
	)
		into.set(path, wellFormed(JSON.stringify(value)));
	else if (typeof value === "object" && value !== null) {
		const entries = Object.entries(value);
		if (entries.length === 0) into.set(path, isList ? "[]" : "{}");
		for (const [key, item] of entries)
			flatten(item, path === "" ? key : `${path}.${key}`, into);
	} else if (value !== undefined) into.set(path, wellFormed(String(value)));
}
