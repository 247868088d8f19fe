import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { planJson } from "../../../plan/json.ts";

/** plan.json as the run wrote it. */
export type PlanFile = ReturnType<typeof planJson>;
/** The way of a photo in training or in evaluation. */
export type Way = PlanFile["train"];
export type WayStage = Way["stages"][number];

/** Undefined where the run kept none (a trial of a sweep), or where what lies there is no plan. */
export function readPlan(folder: string): PlanFile | undefined {
	try {
		const plan: unknown = JSON.parse(
			readFileSync(join(folder, "plan.json"), "utf8"),
		);
		return isPlan(plan) ? plan : undefined;
	} catch {
		return undefined;
	}
}

/** What is drawn of it is looked at; a damaged file costs the picture, not the page. */
function isPlan(value: unknown): value is PlanFile {
	const plan = value as Partial<PlanFile> | null;
	const ways = [plan?.train, plan?.eval];
	for (const phase of plan?.phases ?? []) ways.push(phase?.train, phase?.eval);
	return (
		ways.every(
			(way) =>
				Array.isArray(way?.stages) &&
				way.stages.every(isStage) &&
				Array.isArray(way.feature_shape) &&
				typeof way.cut === "object",
		) && typeof plan?.training === "object"
	);
}

function isStage(value: unknown): value is WayStage {
	const stage = value as Partial<WayStage> | null;
	return (
		typeof stage?.name === "string" &&
		typeof stage.op === "string" &&
		typeof stage.parameters === "number" &&
		typeof stage.flops === "number"
	);
}
