import type { Experiment, TrainOptions } from "../types.ts";
import type { Finding } from "./finding.ts";

/** What parameter_groups say without knowing the network; the rest is in plan/group-problems.ts. */
export function groupRules({ train }: Experiment): readonly Finding[] {
	const { parameter_groups = [] } = train;
	return parameter_groups.flatMap((group, index): readonly Finding[] => {
		const at = ["train", "parameter_groups", index];
		const { learning_rate, lr_scale, weight_decay } = group;
		if (learning_rate !== undefined && lr_scale !== undefined)
			return [
				{
					severity: "error",
					code: "group-rate-twice",
					at: [...at, "lr_scale"],
					message: `the group has learning_rate ${learning_rate} and lr_scale ${lr_scale}`,
					reason:
						"one says what its rate is, the other what share of train.learning_rate it is",
					fix: `write learning_rate: ${Number((learning_rate * lr_scale).toPrecision(6))} alone, or lr_scale: ${lr_scale} alone`,
				},
			];
		const says = [learning_rate, lr_scale, weight_decay];
		if (says.every((value) => value === undefined))
			return [
				{
					severity: "warning",
					code: "option-without-effect",
					at: [...at, "layers"],
					message: "the group says nothing of how its layers learn",
					reason:
						"without learning_rate, lr_scale or weight_decay they learn as all others do",
					fix: "add lr_scale: 0.1, or leave the group out",
				},
			];
		return learning_rate === undefined
			? []
			: etaRules(train, learning_rate, [...at, "learning_rate"]);
	});
}

/** A cosine that ends above where the group begins. */
function etaRules(
	{ schedule }: TrainOptions,
	learning_rate: number,
	at: readonly (string | number)[],
): readonly Finding[] {
	const eta_min =
		"cosine" in schedule
			? schedule.cosine.eta_min
			: "cosine_restarts" in schedule
				? schedule.cosine_restarts.eta_min
				: 0;
	if (eta_min <= learning_rate) return [];
	return [
		{
			severity: "error",
			code: "eta-min-too-high",
			at,
			message: `eta_min is ${eta_min}, above the group's learning_rate ${learning_rate}`,
			reason:
				"the schedule of a group goes from its own learning rate to eta_min, so it would rise",
			fix: `write a larger learning_rate, or lr_scale, which eta_min is multiplied by too`,
		},
	];
}
