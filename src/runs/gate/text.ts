import { paint, printable } from "../../text.ts";
import { type Cell, type Column, textTable } from "../text-table.ts";
import type { Check, Flip, Verdict } from "./types.ts";

/** What people read in the terminal: a table of checks, and the photos that changed sides. */

const COLUMNS: readonly Column[] = [
	{ title: "" },
	{ title: "check" },
	{ title: "baseline", align: "right" },
	{ title: "now", align: "right" },
	{ title: "allowed", align: "right", dropOrder: 1 },
	{ title: "p", align: "right", dropOrder: 2 },
	{ title: "" },
];

/** Photos listed; of more the number is said. */
const LISTED = 20;

/** @param io.width columns of the terminal. */
export function verdictText(
	{ status, checks, flipped, mended }: Verdict,
	io: { readonly width: number; readonly color: boolean },
): string {
	const table = textTable(COLUMNS, checks.map(row), io);
	const word =
		status === "pass"
			? paint("gate passed", "green", io.color)
			: paint("gate failed", "red", io.color);
	return [
		table,
		flipText("now wrong", flipped),
		flipText("now right", mended),
		`${word}\n`,
	].join("");
}

function row(check: Check): readonly Cell[] {
	const mark = { pass: "ok", fail: "FELL", note: "note" }[check.status];
	const style = ({ pass: "green", fail: "red", note: "yellow" } as const)[
		check.status
	];
	return [
		{ text: mark, style },
		{ text: check.name },
		{ text: digits(check.baseline) },
		{ text: digits(check.current) },
		{ text: allowedText(check) },
		{ text: check.pValue === undefined ? "" : pText(check.pValue) },
		{ text: check.says },
	];
}

/** Of the paired test the drop, of a floor the least value. */
export function allowedText({ pValue, allowed }: Check): string {
	if (allowed === undefined) return "";
	if (pValue === undefined) return `≥ ${digits(allowed)}`;
	return allowed === 0 ? "no drop" : `-${digits(allowed)}`;
}

/** Four digits after the point; whole numbers as they are. */
export function digits(value: number | undefined): string {
	if (value === undefined) return "–";
	return Number.isInteger(value) && Math.abs(value) > 1
		? String(value)
		: value.toFixed(4);
}

/** `0.23`, `0.0041`, `< 0.0001`. */
export function pText(p: number): string {
	return p < 1e-4 ? "< 0.0001" : String(Number(p.toPrecision(2)));
}

function flipText(title: string, flips: readonly Flip[]): string {
	if (flips.length === 0) return "";
	const lines = flips
		.slice(0, LISTED)
		.map(
			({ path, label, before, after }) =>
				`  ${printable(path)}  (${printable(label)}; right in ${percent(before)} of the seeds before, ${percent(after)} now)\n`,
		);
	const more =
		flips.length > LISTED ? `  and ${flips.length - LISTED} more\n` : "";
	return `${title}: ${flips.length}\n${lines.join("")}${more}`;
}

function percent(share: number): string {
	return `${Math.round(100 * share)} %`;
}
