import type { RunRecord } from "../runs/types.ts";
import type { WholeNetwork } from "./network.ts";
import type { Parity } from "./parity.ts";

/** What differs from format to format. */
export interface Opening {
	/** Markdown. */
	readonly howToOpen: string;
	/** Whether Normalize is part of the file. */
	readonly isNormalizing: boolean;
	/** How photos go in: [n, c, h, w], or [n, h, w, c]. */
	readonly layout: "nchw" | "nhwc";
}

/** The README.md beside an exported network: what it is, what goes in, what comes out, how good it was. */
export function modelCard(
	record: RunRecord,
	network: WholeNetwork,
	parity: Parity,
	license: string | undefined,
	{ howToOpen, isNormalizing, layout }: Opening,
): string {
	const { experiment, data, environment } = record;
	const { backbone } = experiment.model;
	const name = typeof backbone === "string" ? backbone : backbone.onnx;
	const counts = Object.entries(data?.counts ?? {}).map(
		([split, each]) => `${each.reduce((a, b) => a + b, 0)} ${split}`,
	);
	const metrics = ["valid/accuracy", "valid/loss", "test/accuracy"].flatMap(
		(key) => {
			const metric = record.metrics.findLast((each) => each.key === key);
			return metric === undefined
				? []
				: [`| ${key} | ${Number(metric.value.toFixed(6))} |`];
		},
	);
	const difference =
		parity.largestDifference === undefined
			? ""
			: `, no probability differs by more than ${parity.largestDifference.toExponential(1)}`;
	const [channels = 3, ...size] = network.inputShape;
	const shape = layout === "nhwc" ? [...size, channels] : network.inputShape;
	return `# ${experiment.name}

${experiment.description ?? `A classifier of ${network.classNames.length} classes, fine-tuned from ${name}.`}

| | |
| --- | --- |
| backbone | ${name}${license === undefined ? "" : `, licence of its weights: ${license}`} |
| classes | ${network.classNames.join(", ")} |
| photos | ${counts.join(", ")} |
${metrics.join("\n")}
| run | ${record.runId}, made by Graft ${environment?.graft ?? ""} |
| checked | ${parity.photos} photos get the run's own answers${difference} |

## In and out

In: ${isNormalizing ? "`pixels`, " : ""}float32 [n, ${shape.join(", ")}]${isNormalizing ? ", RGB, 0 … 1" : ""}. Before that:

${network.transforms
	.filter(({ name }) => name !== "Normalize" || !isNormalizing)
	.map(({ name, params }) => `1. ${name} ${JSON.stringify(params)}`)
	.join("\n")}

These are torchvision's transforms, antialiased on 8-bit pixels as Pillow does; \`transforms.json\` has them for programs.${
		isNormalizing ? " Normalization is inside the network." : ""
	}

Out: ${network.hasProbabilities && isNormalizing ? "`logits` and `probabilities`" : "logits"}, float32 [n, ${network.classNames.length}], columns in the order of \`classes.json\`${network.isMultiLabel ? "; each class is a yes or no of its own" : ""}.

## How to open it

${howToOpen}

## What it is not

It knows the photos it was trained on and photos like them. Nothing was measured on others.
`;
}
