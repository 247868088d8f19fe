import type { Transform } from "../../experiment/types.ts";

/** What stands out in a transform: its size, amount or probability. */
const MAIN: Readonly<Record<string, string>> = {
	Resize: "size",
	CenterCrop: "size",
	RandomResizedCrop: "size",
	RandomCrop: "size",
	Pad: "padding",
	Grayscale: "num_output_channels",
	RandomHorizontalFlip: "p",
	RandomVerticalFlip: "p",
	RandomRotation: "degrees",
	RandomErasing: "p",
};

/** "Resize 256, CenterCrop 224 x 224, ToTensor": a list of transforms in one line. */
export function describeTransforms(transforms: readonly Transform[]): string {
	const words = transforms.map(({ name, params }) => {
		if (name === "RandomApply")
			return `RandomApply ${params.p} (${describeTransforms(params.transforms as readonly Transform[])})`;
		const value = params[MAIN[name] ?? ""];
		if (value === undefined) return name;
		return `${name} ${Array.isArray(value) ? value.join(" x ") : value}`;
	});
	return words.length === 0 ? "no transforms" : words.join(", ");
}
