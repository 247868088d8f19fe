import type { Schedule, TrainOptions } from "../types.ts";
import { inline } from "../yaml/inline.ts";
import type { Finding } from "./finding.ts";
import { monitorRules } from "./monitor.ts";

/** Warm-up and schedule fit the epochs and the learning rate; what can never apply is said. */
export function scheduleRules(train: TrainOptions): readonly Finding[] {
	const { schedule, epochs } = train;
	const [name = ""] = Object.keys(schedule);
	const at = ["train", "schedule", name];
	if ("one_cycle" in schedule) return [];
	const [options] = Object.values(schedule) as [
		{ warmup_epochs: number; warmup_start_factor: number },
	];
	const { warmup_epochs, warmup_start_factor } = options;
	if (warmup_epochs >= epochs)
		return [
			{
				severity: "error",
				code: "warmup-too-long",
				at: [...at, "warmup_epochs"],
				message: `warmup_epochs is ${warmup_epochs}, but training has ${epochs} ${epochs === 1 ? "epoch" : "epochs"}`,
				reason:
					"the warm-up comes out of the epochs, and the learning rate would never have its full size",
				fix:
					epochs === 1
						? "leave warmup_epochs out, or train for more epochs"
						: `write warmup_epochs: ${Math.max(1, Math.floor(epochs / 10))}, or train for more epochs`,
			},
		];
	const found: Finding[] = [];
	if (warmup_epochs === 0 && warmup_start_factor !== DEFAULT_START_FACTOR)
		found.push(
			withoutEffect(
				[...at, "warmup_start_factor"],
				"warmup_start_factor is given, but there is no warm-up",
				"the factor says where the warm-up begins",
				"add warmup_epochs: 1, or leave warmup_start_factor out",
			),
		);
	return [...found, ...kindRules(train, schedule, epochs - warmup_epochs, at)];
}

/** The schema's. */
const DEFAULT_START_FACTOR = 0.01;

/** @param left epochs after the warm-up */
function kindRules(
	{ learning_rate }: TrainOptions,
	schedule: Schedule,
	left: number,
	at: readonly string[],
): readonly Finding[] {
	if ("multistep" in schedule)
		return milestoneRules(schedule.multistep.milestones, left, at);
	if ("step" in schedule && schedule.step.step_size >= left)
		return [tooLate([...at, "step_size"], schedule.step.step_size, left)];
	if ("cosine" in schedule) {
		const { T_max = left, eta_min } = schedule.cosine;
		return [
			...etaRules(eta_min, learning_rate, at),
			...(T_max < left - 1 ? [risesAgain(T_max, left, at)] : []),
		];
	}
	if ("cosine_restarts" in schedule) {
		const { T_0, eta_min } = schedule.cosine_restarts;
		return [
			...etaRules(eta_min, learning_rate, at),
			...(T_0 >= left
				? [
						withoutEffect(
							[...at, "T_0"],
							`the first restart would come after ${T_0} epochs, but the schedule has ${left}`,
							"without a restart it is the cosine schedule",
							"lower T_0, or write schedule: cosine",
						),
					]
				: []),
		];
	}
	if ("polynomial" in schedule) {
		const { total_iters = left } = schedule.polynomial;
		return total_iters < left ? [zeroRate(total_iters, left, at)] : [];
	}
	if ("reduce_on_plateau" in schedule) {
		const { patience, min_lr, monitor, mode } = schedule.reduce_on_plateau;
		const found = [...monitorRules(monitor, mode, [...at, "mode"])];
		if (patience + 3 > left)
			found.push(tooLate([...at, "patience"], patience, left));
		if (min_lr >= learning_rate)
			found.push(
				withoutEffect(
					[...at, "min_lr"],
					`min_lr is ${min_lr}, and learning_rate only ${learning_rate}`,
					"the learning rate never falls below min_lr, and so never at all",
					`write a min_lr below ${learning_rate}`,
				),
			);
		return found;
	}
	return [];
}

function milestoneRules(
	milestones: readonly number[],
	left: number,
	at: readonly string[],
): readonly Finding[] {
	const place = [...at, "milestones"];
	const ascending = [...new Set(milestones)].sort((a, b) => a - b);
	if (ascending.join() !== milestones.join())
		return [
			{
				severity: "error",
				code: "milestones-order",
				at: place,
				message: `milestones are ${inline([...milestones])}, expected ascending numbers`,
				reason: "each is an epoch after which the learning rate falls",
				fix: `write milestones: ${inline(ascending)}`,
			},
		];
	const late = milestones.filter((milestone) => milestone >= left);
	if (late.length === 0) return [];
	return [
		withoutEffect(
			place,
			`${late.length === 1 ? `milestone ${late[0]} comes` : `milestones ${late.join(", ")} come`} after training: the schedule has ${left} epochs`,
			"milestones are counted from the end of the warm-up, and the first epoch that is changed follows it",
			late.length === milestones.length
				? "lower them, or train for more epochs"
				: `leave ${late.join(", ")} out, or train for more epochs`,
		),
	];
}

function etaRules(
	eta_min: number,
	learning_rate: number,
	at: readonly string[],
): readonly Finding[] {
	if (eta_min <= learning_rate) return [];
	return [
		{
			severity: "error",
			code: "eta-min-too-high",
			at: [...at, "eta_min"],
			message: `eta_min is ${eta_min}, above learning_rate ${learning_rate}`,
			reason: "the learning rate would rise from the first epoch to the last",
			fix: `write an eta_min below ${learning_rate}, or a larger learning_rate`,
		},
	];
}

function risesAgain(
	T_max: number,
	left: number,
	at: readonly string[],
): Finding {
	return {
		severity: "warning",
		code: "cosine-rises-again",
		at: [...at, "T_max"],
		message: `T_max is ${T_max}, but the schedule has ${left} epochs: after ${T_max} the learning rate rises again`,
		reason:
			"a cosine goes up after it has come down, as CosineAnnealingLR does",
		fix: "leave T_max out: it is then the epochs that there are",
	};
}

function zeroRate(total: number, left: number, at: readonly string[]): Finding {
	return {
		severity: "warning",
		code: "learning-rate-zero",
		at: [...at, "total_iters"],
		message: `total_iters is ${total}, but the schedule has ${left} epochs: after ${total} the learning rate is 0`,
		reason: "nothing is learnt with a learning rate of 0",
		fix: "leave total_iters out: it is then the epochs that there are",
	};
}

function tooLate(
	at: readonly (string | number)[],
	wait: number,
	left: number,
): Finding {
	const key = at.at(-1);
	return withoutEffect(
		at,
		`${key} is ${wait}, but the schedule has ${left} ${left === 1 ? "epoch" : "epochs"}: the learning rate never falls`,
		key === "patience"
			? "the first fall comes after one epoch that sets the measure and more than patience epochs that are no better"
			: "it falls for the first time after that many epochs",
		`lower ${key}, train for more epochs, or leave the schedule out`,
	);
}

/** An option that changes nothing. */
export function withoutEffect(
	at: readonly (string | number)[],
	message: string,
	reason: string,
	fix: string,
): Finding {
	return {
		severity: "warning",
		code: "option-without-effect",
		at,
		message,
		reason,
		fix,
	};
}
