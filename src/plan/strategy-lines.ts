import { inline } from "../experiment/yaml/inline.ts";
import { printable } from "../text.ts";
import { type FeaturesAt, shareText } from "./features-at.ts";
import type { Plan } from "./types.ts";

/** What a plan says of the file's strategy and of features by depth, for people. */

/** Columns that a line may have. */
const WIDTH = 110;

/** `strategy    linear_probe: model.freeze: all, model.head: logistic`, as many lines as it takes. */
export function strategyLines({ strategy }: Plan): readonly string[] {
	if (strategy === undefined) return [];
	const { name, gives } = strategy;
	const until =
		name === "auto" ? ", until run has decided as linear_probe" : "";
	const parts = gives.map(([key, value]) => `${key} ${inline(value)}`);
	const words =
		parts.length === 0
			? [`${name}${until}; the file says all of it itself`]
			: [`${name}${until} gives ${parts[0]}`, ...parts.slice(1)];
	const lines: string[] = [];
	for (const word of words) {
		const last = lines.at(-1);
		if (last === undefined) lines.push(`strategy    ${word}`);
		else if (last.length + word.length + 3 <= WIDTH)
			lines[lines.length - 1] = `${last}, ${word}`;
		else {
			lines[lines.length - 1] = `${last},`;
			lines.push(`            ${word}`);
		}
	}
	return lines.map(printable);
}

/** `features at _blocks.10._add, depth 0.63`; nothing where layers are named by the user. */
export function depthLines({ features = [] }: Plan): readonly string[] {
	if (features.every(({ depth }) => depth === undefined)) return [];
	return [`head at     ${attachedText(features)}`];
}

/** `_blocks.10._add at depth 0.63 of the network`. */
export function attachedText(features: readonly FeaturesAt[]): string {
	const places = features.map(({ layer, depth }) =>
		depth === undefined
			? layer
			: `${layer} at depth ${shareText(depth)} of the network`,
	);
	return printable(places.join(", "));
}
