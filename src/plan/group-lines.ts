import { grouped, printable, table } from "../text.ts";
import type { ParameterGroup } from "./groups.ts";
import type { Plan } from "./types.ts";

/** Blocks of a deep network that are listed before and after "…". */
const MOST = 24;

/**
 * The parameter groups as a table: whose, how many numbers, with what rate (before the schedule) and decay. Groups that
 * differ in their decay alone share a line.
 */
export function groupLines(
	groups: readonly ParameterGroup[],
	{ graph }: Pick<Plan, "graph">,
	all: boolean,
): readonly string[] {
	const sizes = new Map(
		graph.initializers.map(({ name, shape }) => [
			name,
			shape.reduce((a, b) => a * b, 1),
		]),
	);
	const lines = new Map<string, ParameterGroup[]>();
	for (const group of groups)
		lines.set(group.label, [...(lines.get(group.label) ?? []), group]);
	const rows = [...lines].map(([label, same]) => {
		const numbers = same
			.flatMap(({ parameters }) => parameters)
			.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
		const { learningRate, lrScale } = same[0] as ParameterGroup;
		return [
			printable(label),
			grouped(same.reduce((sum, { parameters }) => sum + parameters.length, 0)),
			grouped(numbers),
			String(Number((learningRate * lrScale).toPrecision(3))),
			decaysOf(same),
		];
	});
	const [head = "", ...body] = table(
		[
			["layers", "tensors", "numbers", "learning rate", "weight decay"],
			...rows,
		],
		["left", "right", "right", "right", "left"],
	);
	const half = MOST / 2;
	const shown =
		all || body.length <= MOST
			? body
			: [
					...body.slice(0, half),
					`… ${body.length - MOST} more`,
					...body.slice(-half),
				];
	return [
		`groups      ${head}`,
		...shown.map((line) => `            ${line}`.trimEnd()),
	];
}

/** `0.01, 4 tensors 0`. */
function decaysOf(same: readonly ParameterGroup[]): string {
	const decays = [...new Set(same.map(({ weightDecay }) => weightDecay))].sort(
		(a, b) => b - a,
	);
	const [most = 0, ...others] = decays;
	const rest = others.map((decay) => {
		const tensors = same
			.filter(({ weightDecay }) => weightDecay === decay)
			.reduce((sum, { parameters }) => sum + parameters.length, 0);
		return `${tensors} of them ${decay}`;
	});
	return [most, ...rest].join(", ");
}
