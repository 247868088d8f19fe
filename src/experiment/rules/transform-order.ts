import type { Transform } from "../types.ts";
import type { Finding } from "./finding.ts";
import {
	inside,
	isRandom,
	needsPixels,
	needsTensor,
} from "./transform-kinds.ts";

type Path = readonly (string | number)[];

/** Pixels first, then ToTensor once, then what takes tensors; Normalize once. */
export function orderRules(
	transforms: readonly Transform[],
	at: Path,
): readonly Finding[] {
	const found: Finding[] = [];
	const toTensor = transforms.findIndex(({ name }) => name === "ToTensor");
	transforms.forEach((transform, index) => {
		const isTensor = toTensor >= 0 && index > toTensor;
		const here = [...at, index];
		for (const step of [transform, ...nested(transform)]) {
			const fault = misplaced(step, isTensor, toTensor >= 0);
			if (fault !== undefined) found.push({ ...fault, at: here });
		}
		for (const step of nested(transform))
			if (["ToTensor", "Normalize", "ConvertImageDtype"].includes(step.name))
				found.push(byChance(step, here));
	});
	if (toTensor < 0)
		found.push({
			severity: "error",
			code: "to-tensor-missing",
			at,
			message: "the list has no ToTensor",
			reason: "the network takes tensors of numbers 0 … 1, not pixels 0 … 255",
			fix: 'add "- ToTensor" after the transforms of pixels and before Normalize',
		});
	const second = transforms
		.map(({ name }) => name)
		.indexOf(
			"Normalize",
			transforms.findIndex(({ name }) => name === "Normalize") + 1,
		);
	if (second > 0)
		found.push({
			severity: "error",
			code: "normalize-twice",
			at: [...at, second],
			message: "Normalize stands in the list twice",
			reason: "photos normalized twice are not what the network was trained on",
			fix: "remove one of the two",
		});
	return found;
}

/** All transforms inside RandomApply, at any depth. */
function nested(transform: Transform): readonly Transform[] {
	return inside(transform).flatMap((step) => [step, ...nested(step)]);
}

function misplaced(
	step: Transform,
	isTensor: boolean,
	hasToTensor: boolean,
): Omit<Finding, "at"> | undefined {
	const { name } = step;
	if (isTensor && name === "ToTensor")
		return {
			severity: "error",
			code: "to-tensor-order",
			message: "ToTensor stands in the list twice",
			reason:
				"the first one has made a tensor of the photo already; torchvision refuses this too",
			fix: "remove the second one",
		};
	if (isTensor && needsPixels(step))
		return {
			severity: "error",
			code: "to-tensor-order",
			message: `${name} takes pixels, but stands after ToTensor`,
			reason:
				"Graft computes it on pixels 0 … 255, as torchvision does with Pillow images",
			fix: `move "${name}" before ToTensor`,
		};
	if (!isTensor && needsTensor(step) && hasToTensor)
		return {
			severity: "error",
			code: "to-tensor-order",
			message: `${name} takes a tensor, but stands before ToTensor`,
			reason: "before ToTensor there are pixels; torchvision refuses this too",
			fix: `move "${name}" behind ToTensor`,
		};
	return undefined;
}

function byChance({ name }: Transform, at: Path): Finding {
	return {
		severity: "error",
		code: "random-apply-steps",
		at,
		message: `${name} stands inside RandomApply`,
		reason: "the network would get some photos with it and some without",
		fix: `move "${name}" out of RandomApply`,
	};
}

/** Accuracy is measured on photos as they are: nothing random in the eval list. */
export function randomRules(
	transforms: readonly Transform[],
	isShared: boolean,
): readonly Finding[] {
	return transforms.flatMap((transform, index) =>
		isRandom(transform)
			? [
					{
						severity: "error",
						code: "random-in-eval",
						at: ["transforms", "eval", index],
						message: isShared
							? `${transform.name} is random, but this list is used for evaluation too`
							: `${transform.name} is random and stands in the eval list`,
						reason:
							"accuracy on photos that are changed at random differs from one evaluation to the next",
						fix: isShared
							? `write two lists, transforms: { train: [...], eval: [...] }, with ${transform.name} in train alone`
							: "remove it here; in the train list it may stay",
					} as const,
				]
			: [],
	);
}
