import { canonicalJson } from "../../../fingerprint.ts";
import type { TrialState } from "../../types.ts";
import type { Comparison } from "../types.ts";

/** Which of the ranked points a trial belongs to, whatever its seed; -1 for none. */
export function pointIndexOf({
	points,
}: Comparison): (trial: Pick<TrialState, "values">) => number {
	const places = new Map(
		points.map(({ values }, index) => [keyOf(values), index]),
	);
	return ({ values }) => places.get(keyOf(values)) ?? -1;
}

function keyOf({ seed: _, ...values }: TrialState["values"]): string {
	return canonicalJson(values);
}
