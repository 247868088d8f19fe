import type { Plan } from "./types.ts";

/** A phase as a plan of its own. */
export type PlannedPhase = Plan & { readonly name: string | undefined };

/** The plan of each phase, in order; of a run in one go the plan itself. */
export function phasePlans(plan: Plan): readonly PlannedPhase[] {
	const { phases, ...whole } = plan;
	if (phases === undefined) return [{ ...plan, name: undefined }];
	return phases.map((phase) => ({ ...whole, ...phase }));
}
