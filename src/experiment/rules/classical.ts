import { classicalHead, classicalName } from "../classical-types.ts";
import { fillIn } from "../fill-in.ts";
import { experimentSchema } from "../schema.ts";
import type { Experiment } from "../types.ts";
import { treeOf } from "../yaml/tree.ts";
import type { Finding } from "./finding.ts";

/**
 * A head without epochs reads nothing of `train`. What a file it extends says is for other heads, and a default is no
 * wish; what stands beside the head itself, or on the command line, was meant to do something.
 * @param fileOf the file in which a value is written
 */
export function classicalRules(
	{ model, train }: Experiment,
	fileOf: (path: readonly string[]) => string | undefined,
): readonly Finding[] {
	const head = classicalHead(model.head);
	if (head === undefined) return [];
	const name = classicalName(head);
	const home = fileOf(["model", "head"]);
	const usual = defaults();
	const idle = Object.entries(train).flatMap(([key, value]) => {
		const file = fileOf(["train", key]);
		const isSaid = file !== undefined && (file === home || file === "--set");
		const isUsual = JSON.stringify(value) === JSON.stringify(usual[key]);
		return isSaid && !isUsual ? [key] : [];
	});
	if (idle.length === 0) return [];
	return [
		{
			severity: "warning",
			code: "train-without-effect",
			at: ["train", idle[0] as string],
			message: `${name} is fitted at once, so ${idle.map((key) => `train.${key}`).join(", ")} ${idle.length === 1 ? "has" : "have"} no effect`,
			reason: `only linear and mlp heads are trained epoch by epoch; what ${name} takes stands in model.head`,
			fix: `remove ${idle.length === 1 ? "it" : "them"}, or write head: linear`,
		},
	];
}

function defaults(): Readonly<Record<string, unknown>> {
	const schema = experimentSchema.properties?.train ?? {};
	return fillIn(treeOf({}), schema, [], () => {}) as Record<string, unknown>;
}
