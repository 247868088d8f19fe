import { nearest } from "../suggest.ts";
import type { Experiment } from "../types.ts";
import type { Finding } from "./finding.ts";

/** Corner crops need a crop to take the place of. */
export function evaluationRules({
	evaluation,
	transforms,
}: Experiment): readonly Finding[] {
	const tta = evaluation?.tta;
	if (tta === undefined || tta === "hflip") return [];
	if (transforms.eval.some(({ name }) => name === "CenterCrop")) return [];
	return [
		{
			severity: "error",
			code: "tta-needs-crop",
			at: ["evaluation", "tta"],
			message: `${tta} takes crops at the corners in place of CenterCrop, but the transforms of evaluation have none`,
			reason: "without a crop every view would be the whole photo",
			fix: "write tta: hflip, or resize larger and crop: [{ Resize: 256 }, { CenterCrop: 224 }, ToTensor, Normalize]",
			suggestion: "hflip",
		},
	];
}

/** There where evaluation.tta asks for it. */
const VIEWS = "valid/accuracy_tta";

/** What runs record of the valid photos and is better when it is higher, without `valid/`. */
const METRICS = [
	"accuracy",
	"accuracy_tta",
	"balanced_accuracy",
	"precision_macro",
	"recall_macro",
	"f1_macro",
	"roc_auc",
	"average_precision",
	"top_5_accuracy",
	"subset_accuracy",
	"f1_micro",
	"f1_samples",
].map((name) => `valid/${name}`);

/** Floors are put under metrics that are there and should be high. */
export function gateRules({
	gate,
	evaluation,
}: Experiment): readonly Finding[] {
	const floors = typeof gate?.floor === "object" ? Object.keys(gate.floor) : [];
	const isLow = (metric: string) => /loss|error|ece|brier/.test(metric);
	const known = [...METRICS, "train/accuracy"];
	const views = evaluation?.tta === undefined ? [VIEWS] : [];
	return [
		...lowMetrics(floors.filter(isLow)),
		...unknownMetrics(
			floors.filter((metric) => !isLow(metric) && !known.includes(metric)),
		),
		...floors
			.filter((metric) => views.includes(metric))
			.map(
				(metric): Finding => ({
					severity: "error",
					code: "unknown-metric",
					at: ["gate", "floor", metric],
					message: `"${metric}" has a floor, and nothing measures it`,
					reason: "it is recorded where evaluation.tta asks for several views",
					fix: "write evaluation: { tta: hflip }, or put the floor under valid/accuracy",
				}),
			),
	];
}

function unknownMetrics(metrics: readonly string[]): readonly Finding[] {
	return metrics.map((metric) => {
		const near =
			nearest(metric, METRICS) ?? nearest(`valid/${metric}`, METRICS);
		return {
			severity: "error",
			code: "unknown-metric",
			at: ["gate", "floor", metric],
			message: `"${metric}" is no metric that a floor can be put under`,
			reason: `these are: ${METRICS.join(", ")}`,
			...(near === undefined
				? { fix: "name one of them" }
				: { fix: `did you mean "${near}"?`, suggestion: near }),
		};
	});
}

function lowMetrics(metrics: readonly string[]): readonly Finding[] {
	return metrics.map((metric) => ({
		severity: "error",
		code: "floor-direction",
		at: ["gate", "floor", metric],
		message: `"${metric}" has a floor, but it is better when it is lower`,
		reason: "a floor is the least value that passes",
		fix: "put the floor under valid/accuracy, or leave it out: the paired test watches the accuracy in any case",
	}));
}
