import { type NewLayer, newLayers } from "../new-layers.ts";
import type { Experiment, SgdOptions, TrainOptions } from "../types.ts";
import { inline } from "../yaml/inline.ts";
import type { Finding } from "./finding.ts";
import { groupRules } from "./groups.ts";
import { monitorRules, stoppingRules } from "./monitor.ts";
import { phaseRules } from "./phases.ts";
import { scheduleRules } from "./schedule.ts";

/** Loss, optimizer and the end of the network fit together. */
export function trainRules(experiment: Experiment): readonly Finding[] {
	const { train, model } = experiment;
	const found: Finding[] = [...groupRules(experiment)];
	const layers = newLayers(model.replace);
	const logSoftmax = layers.find(({ layer }) => "LogSoftmax" in layer);
	if ("nll" in train.loss && endsWithoutLogSoftmax(model, layers))
		found.push({
			severity: "error",
			code: "nll-needs-log-softmax",
			at: ["train", "loss"],
			message:
				"the nll loss takes log-probabilities, but the network ends without LogSoftmax",
			reason:
				"on plain logits nll has no lower end: it falls without limit while nothing is learnt",
			fix:
				model.replace === undefined
					? "write loss: cross_entropy, which takes the logits of a head"
					: `write loss: cross_entropy, or add a layer after the last one: ${inline({ [nextLayer(layers)]: { LogSoftmax: { dim: 1 } } })}`,
			suggestion: "cross_entropy",
		});
	if ("cross_entropy" in train.loss && logSoftmax !== undefined)
		found.push({
			severity: "warning",
			code: "cross-entropy-after-log-softmax",
			at: logSoftmax.at,
			message: `cross_entropy takes logits, but "${logSoftmax.name}" is a LogSoftmax`,
			reason:
				"cross_entropy applies LogSoftmax itself; a second one changes nothing and costs time",
			fix: `write loss: nll, or leave "${logSoftmax.name}" out`,
		});
	if (train.checkpoints !== undefined)
		found.push(
			...monitorRules(train.checkpoints.monitor, train.checkpoints.mode, [
				"train",
				"checkpoints",
				"mode",
			]),
		);
	found.push(
		...(train.phases === undefined
			? optimizationRules(train)
			: phaseRules({ train, model }, optimizationRules)),
	);
	return found;
}

/** Of one go of training. */
function optimizationRules(train: TrainOptions): readonly Finding[] {
	return [
		...("sgd" in train.optimizer ? sgdRules(train.optimizer.sgd, "sgd") : []),
		...("lars" in train.optimizer
			? sgdRules(train.optimizer.lars, "lars")
			: []),
		...scheduleRules(train),
		...(train.early_stopping === undefined
			? []
			: stoppingRules(train.early_stopping, train.epochs)),
	];
}

/** An .onnx file may end with LogSoftmax itself; the plan sees. */
function endsWithoutLogSoftmax(
	model: Experiment["model"],
	layers: readonly NewLayer[],
): boolean {
	if (model.head !== undefined && !("keep" in model.head)) return true;
	const isOurs = typeof model.backbone === "string";
	return isOurs && !layers.some(({ layer }) => "LogSoftmax" in layer);
}

/** classifier.6 → classifier.7: the name of a layer after the last one. */
function nextLayer(layers: readonly NewLayer[]): string {
	const last = layers.at(-1)?.name ?? "classifier.6";
	const number = /^(.*\.)?(\d+)$/.exec(last);
	return number === null
		? `${last}_log_softmax`
		: `${number[1] ?? ""}${Number(number[2]) + 1}`;
}

function sgdRules(
	sgd: Pick<SgdOptions, "momentum" | "dampening" | "nesterov">,
	name: "sgd" | "lars",
): readonly Finding[] {
	if (!sgd.nesterov || (sgd.momentum > 0 && sgd.dampening === 0)) return [];
	return [
		{
			severity: "error",
			code: "nesterov-needs-momentum",
			at: ["train", "optimizer", name, "nesterov"],
			message: `nesterov: true needs momentum above 0 and dampening 0, but they are ${sgd.momentum} and ${sgd.dampening}`,
			reason:
				"Nesterov's method looks ahead along the momentum; torch.optim.SGD refuses this too",
			fix:
				sgd.momentum > 0
					? "write dampening: 0"
					: "add momentum: 0.9, or leave nesterov out",
		},
	];
}
