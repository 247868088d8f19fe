import type { Diagnostic } from "../../diagnostic.ts";
import { random } from "../../random.ts";
import { isLong, type Place } from "../yaml/source.ts";
import type { ScalarTree, Tree } from "../yaml/tree.ts";
import type {
	AxisKey,
	AxisValue,
	Choice,
	Distribution,
	DistributionKind,
	Section,
} from "./axes.ts";
import { axisValues } from "./axis-value.ts";
import { fault } from "./fault.ts";
import { HALTON_DIMENSIONS, haltonPoints } from "./halton.ts";
import { SOBOL_DIMENSIONS, sobolPoints } from "./sobol.ts";

/** Sections that draw their points. */
export type DrawnSection = Extract<
	Section,
	"random" | "sobol" | "halton" | "tpe"
>;

/** Most keys that Sobol and Halton points are known for. */
export const MOST_DIMENSIONS = Math.min(SOBOL_DIMENSIONS, HALTON_DIMENSIONS);

/** One `{ log_uniform: [0.0001, 1] }`; undefined where it is wrong, what the schema sees left to the schema. */
export function distributionOf(
	key: AxisKey,
	tree: Tree,
	at: Place | undefined,
	problems: Diagnostic[],
): Distribution | undefined {
	if (tree.kind !== "map" || tree.entries.size !== 1) return undefined;
	const [[kind, entry] = []] = [...tree.entries];
	if (kind === undefined || entry?.value.kind !== "list") return undefined;
	if (kind === "choice") {
		const values = axisValues(entry.value, problems);
		if (values.length === 0) return undefined;
		const valueAt = (u: number) =>
			values[Math.floor(u * values.length)] as AxisValue;
		const valueFor = (place: number) => values[place] as AxisValue;
		const bounds = { low: 0, high: values.length - 1 };
		return { key, kind, ...bounds, valueAt, valueFor, ends: values };
	}
	const [low, high] = entry.value.items.map((item) =>
		item.kind === "scalar" && typeof item.value === "number"
			? item.value
			: Number.NaN,
	);
	if (low === undefined || high === undefined) return undefined;
	if (!Number.isFinite(low) || !Number.isFinite(high)) return undefined;
	const isLog = kind.startsWith("log_");
	if (isLog && low <= 0) {
		problems.push(
			fault("axis-bounds", entry.value.items[0]?.at, {
				message: `${kind} begins at ${low}, expected a bound above 0`,
				reason: "a logarithmic scale has no zero",
				fix: kind === "log_uniform" ? "write for example 0.0001" : "write 1",
			}),
		);
		return undefined;
	}
	if (low >= high) {
		problems.push(
			fault("axis-bounds", entry.value.at, {
				message: `${kind} goes from ${low} to ${high}, expected the lower bound first`,
				reason: "between these two nothing can be drawn",
				fix:
					low === high
						? `write the value in the file itself: ${key.name} is always ${low}`
						: `write ${kind}: [${high}, ${low}]`,
			}),
		);
		return undefined;
	}
	const draw = DRAWS[kind];
	if (draw === undefined) return undefined;
	const isWhole = kind.endsWith("integer");
	const place = isLong(tree.at) ? at : tree.at;
	const shown = (value: number): AxisValue => ({
		tree: numberTree(value, place),
		shown: value,
		at: place,
	});
	return {
		key,
		kind: kind as DistributionKind,
		low,
		high,
		valueAt: (u) => shown(draw(low, high, u)),
		valueFor: (number) => shown(isWhole ? number : short(number, low, high)),
		ends: [shown(low), shown(high)],
	};
}

type Draw = (low: number, high: number, u: number) => number;

/** From a number in [0, 1), evenly spread, to a value between two bounds. */
const DRAWS: Readonly<Record<string, Draw>> = {
	uniform: (low, high, u) => short(low + (high - low) * u, low, high),
	log_uniform: (low, high, u) =>
		short(low * Math.exp(Math.log(high / low) * u), low, high),
	integer: (low, high, u) => low + Math.floor((high - low + 1) * u),
	log_integer: (low, high, u) =>
		Math.min(
			high,
			Math.floor(low * Math.exp(Math.log((high + 1) / low) * u) + 1e-9),
		),
};

/** Six digits, which a table can show whole. */
function short(value: number, low: number, high: number): number {
	return Math.min(high, Math.max(low, Number(value.toPrecision(6))));
}

function numberTree(value: number, at: Place | undefined): ScalarTree {
	return { kind: "scalar", value, text: String(value), at };
}

/** The points of a section; each key's numbers depend on the seed and on its own name or place alone. */
export function drawPoints(
	section: DrawnSection,
	trials: number,
	seed: number,
	space: readonly Distribution[],
): readonly Choice[] {
	const uniforms = unitPoints(section, trials, seed, space);
	return uniforms.map((point) =>
		space.map(({ key, valueAt }, index) => ({
			key,
			value: valueAt(point[index] as number),
		})),
	);
}

function unitPoints(
	section: DrawnSection,
	trials: number,
	seed: number,
	space: readonly Distribution[],
): readonly (readonly number[])[] {
	if (section === "sobol") {
		const shifts = space.map(({ key }) =>
			random(seed, "sweep", "sobol", key.name).integer(2 ** 32),
		);
		return sobolPoints(trials, space.length, shifts);
	}
	if (section === "halton")
		return haltonPoints(trials, space.length, (dimension, digit, base) =>
			random(
				seed,
				"sweep",
				"halton",
				space[dimension]?.key.name ?? "",
				digit,
			).permutation(base),
		);
	if (section === "tpe")
		return Array.from({ length: trials }, (_, index) =>
			space.map(({ key }) => random(seed, "tpe", index, key.name).uniform()),
		);
	const streams = space.map(({ key }) =>
		random(seed, "sweep", "random", key.name),
	);
	return Array.from({ length: trials }, () =>
		streams.map(({ uniform }) => uniform()),
	);
}
