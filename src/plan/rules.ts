import type { Size } from "../data/transforms/image.ts";
import { outputShape } from "../data/transforms.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import { newLayers } from "../experiment/new-layers.ts";
import type { Transform } from "../experiment/types.ts";
import type { Shapes } from "../model/shapes.ts";
import type { Backbone, Dim, Graph } from "../model/types.ts";
import { placed } from "./place.ts";

/** Rules that need the network or the photos; the others are in experiment/rules.ts. */

/** What leaves the transforms, [channels, height, width]; "?" where it varies from photo to photo. */
export function imageShape(transforms: readonly Transform[]): readonly Size[] {
	return outputShape(["?", "?", 3], transforms);
}

/** Whether both pipelines give the network one size it can take. */
export function checkInput(
	loaded: LoadedExperiment,
	backbone: Backbone,
	train: readonly Size[],
	evaluation: readonly Size[],
): {
	readonly shape: readonly number[] | undefined;
	readonly problems: readonly Diagnostic[];
} {
	const problems: Diagnostic[] = [];
	const lists = [
		["train", train],
		["eval", evaluation],
	] as const;
	for (const [list, shape] of lists) {
		if (shape.includes("?"))
			problems.push(placed(loaded, ["transforms", list], sizesVary(shape)));
		else {
			const mismatch = inputMismatch(backbone, shape as readonly number[]);
			if (mismatch !== undefined)
				problems.push(placed(loaded, ["transforms", list], mismatch));
		}
	}
	if (problems.length === 0 && train.join() !== evaluation.join()) {
		problems.push(
			placed(loaded, ["transforms", "eval"], {
				severity: "error",
				code: "input-size",
				message: `train photos become ${train.join(" x ")}, eval photos ${evaluation.join(" x ")}`,
				reason: "one network is planned for both",
				fix: "let both lists end with the same size",
			}),
		);
	}
	const unique = problems.filter(
		(problem, index) =>
			problems.findIndex((other) => same(problem, other)) === index,
	);
	return {
		shape: unique.length > 0 ? undefined : (train as readonly number[]),
		problems: unique,
	};
}

/** One shared list is reported once. */
function same(a: Diagnostic, b: Diagnostic): boolean {
	return a.message === b.message && a.range?.line === b.range?.line;
}

function sizesVary(shape: readonly Size[]): Diagnostic {
	const isColour = shape[0] === "?" && !shape.slice(1).includes("?");
	return {
		severity: "error",
		code: "input-size",
		message: `photos leave the transforms with different sizes (${shape.join(" x ")})`,
		reason: isColour
			? "the network takes photos in batches of one size, and some of them have one channel, others three"
			: "the network takes photos in batches of one size; Resize with one number keeps each photo's shape",
		fix: isColour
			? 'keep three channels: "- Grayscale: 3"'
			: 'add "- CenterCrop: 224", or resize to a pair: "- Resize: { size: [224, 224] }"',
	};
}

function inputMismatch(
	{ graph, name }: Backbone,
	shape: readonly number[],
): Diagnostic | undefined {
	const expected = graph.inputs[0]?.shape?.slice(1);
	if (expected === undefined) return undefined;
	const fits =
		expected.length === shape.length &&
		expected.every(
			(size, index) => typeof size === "string" || size === shape[index],
		);
	if (fits) return undefined;
	return {
		severity: "error",
		code: "input-size",
		message: `photos leave the transforms as ${shape.join(" x ")}, but ${name} takes ${expected.join(" x ")} (channels x height x width)`,
		reason: "the input of this network has a fixed size",
		fix: fixForInput(expected, shape),
	};
}

function fixForInput(
	[channels, height, width]: readonly Dim[],
	shape: readonly number[],
): string {
	if (width === shape[0] && channels !== shape[0])
		return "this network seems to take channels last; export it with channels first, as [n, channels, height, width]";
	if (channels !== shape[0])
		return "use Grayscale with num_output_channels: 3, or leave it out";
	return `end the list with "- Resize: { size: [${height}, ${width}] }" before ToTensor`;
}

/** Whether the photos survive the network: pooling makes too small ones vanish. */
export function checkShapes(
	loaded: LoadedExperiment,
	graph: Graph,
	shapes: Shapes,
	input: readonly number[],
): readonly Diagnostic[] {
	const empty = graph.nodes.find(({ outputs }) =>
		shapes.get(outputs[0] ?? "")?.some((size) => !(size >= 1)),
	);
	if (empty === undefined) return [];
	return [
		placed(loaded, ["transforms", "eval"], {
			severity: "error",
			code: "input-size",
			message: `photos of ${input.slice(1).join(" x ")} are too small for this network: nothing is left of them after "${empty.layer}" (${empty.op})`,
			reason: "each strided layer and each pooling makes them smaller",
			fix: "resize to a larger size, such as the one the weights were trained at",
		}),
	];
}

/** Whether the network ends with one number per class. */
export function checkOutput(
	loaded: LoadedExperiment,
	output: readonly number[] | undefined,
	classNames: readonly string[] | undefined,
): readonly Diagnostic[] {
	if (output === undefined || classNames === undefined) return [];
	const outFeatures = output.at(-1);
	if (output.length === 2 && outFeatures === classNames.length) return [];
	const { replace, head } = loaded.experiment.model;
	const keepsHead = head !== undefined && "keep" in head;
	const last = newLayers(replace).findLast(
		({ layer }) => "Linear" in layer || "Conv2d" in layer,
	);
	const isMap = last !== undefined && "Conv2d" in last.layer;
	const width = isMap ? "out_channels" : "out_features";
	const path =
		last === undefined
			? ["model", ...(keepsHead ? ["head"] : [])]
			: [...last.at, isMap ? "Conv2d" : "Linear", width];
	return [
		placed(loaded, path, {
			severity: "error",
			code: "head-size",
			message: `the network ends with ${output.length === 2 ? `${outFeatures} numbers` : `shape ${output.join(" x ")}`} per photo, but the photos have ${classNames.length} classes`,
			reason: `the classes are ${classNames.slice(0, 8).join(", ")}${classNames.length > 8 ? ", …" : ""}`,
			fix: keepsHead
				? "write head: linear, which has one output for each class"
				: `${width}: ${classNames.length}`,
		}),
	];
}
