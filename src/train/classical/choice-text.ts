import type { PathCurve } from "./types.ts";

/** How `C` or `alpha` was chosen, in words. */

/** For people: the curve, and the value taken. Ends with a newline. */
export function choiceText(path: PathCurve): string {
	const { name, values, accuracy, chosen, how } = path;
	const curve = values.map(
		(value, index) => `${value}: ${accuracy[index].toFixed(3)}`,
	);
	return `${name} ${chosen}  by ${how} (${curve.join(", ")})\n`;
}

/** For the journal. */
export function choiceDetail(
	path: PathCurve,
): Readonly<Record<string, string | number>> {
	const { name, values, accuracy, chosen, how } = path;
	const curve = values.map(
		(value, index) => `${value}: ${accuracy[index].toFixed(3)}`,
	);
	return { [name]: chosen, [`${name} by`]: how, curve: curve.join(", ") };
}
