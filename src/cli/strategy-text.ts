import type { Decision } from "../strategy/types.ts";
import { printable } from "../text.ts";

/** The strategy and its reasons, for people; ends with an empty line. */
export function decisionText({ sets, reasons }: Decision): string {
	const lines = reasons.map((reason) => `  ${printable(reason)}`);
	return `strategy auto: ${sets.join(" ")}\n${lines.join("\n")}\n\n`;
}
