import { EXIT } from "../diagnostic.ts";
import { cacheFolder, runsFolder } from "../paths.ts";
import {
	type Align,
	columnWidths,
	padded,
	paint,
	printable,
	type Style,
} from "../text.ts";
import { graftVersion } from "../versions.ts";
import type { Options } from "./arguments.ts";
import { engineFindings } from "./doctor-engines.ts";
import { machineFindings } from "./doctor-machine.ts";
import { serverFindings } from "./doctor-servers.ts";
import { toolFindings } from "./doctor-tools.ts";
import type { Io } from "./io.ts";

/** One thing that was looked at. */
export interface Finding {
	/** ok: there and works; none: not there, and nothing needs it; bad: there or wanted, and does not work. */
	readonly status: "ok" | "none" | "bad";
	readonly name: string;
	/** What there is, or what is missing. */
	readonly text: string;
	/** The one command that mends it. */
	readonly fix?: string;
}

/** Findings under one heading. */
export interface Section {
	readonly title: string;
	readonly findings: readonly Finding[];
}

/**
 * `graft doctor`: what this machine has, what is missing and the command that mends it. Exit code 0 whatever is
 * found; a look that fails is a finding.
 */
export async function doctor(options: Options, io: Io): Promise<number> {
	const cache = cacheFolder(options.cache);
	const places = { cache, runs: runsFolder(options.runs) };
	const isOffline = options.flags.has("offline");
	const sections = await Promise.all([
		look("machine", () => machineFindings(places)),
		look("engines", () => engineFindings()),
		look("tools", () => toolFindings(cache)),
		look("servers", () => serverFindings(isOffline)),
	]);
	io.stdout(
		options.json
			? `${JSON.stringify(asJson(sections), null, 2)}\n`
			: asText(sections, io.color),
	);
	return EXIT.ok;
}

/** An odd machine gets an answer, not a stack trace. */
async function look(
	title: string,
	findings: () => Promise<readonly Finding[]>,
): Promise<Section> {
	try {
		return { title, findings: await findings() };
	} catch (error) {
		const text = printable((error as Error).message.split("\n")[0] ?? "");
		return { title, findings: [{ status: "bad", name: title, text }] };
	}
}

const STYLES: Readonly<Record<Finding["status"], Style>> = {
	ok: "green",
	none: "dim",
	bad: "red",
};

const WORDS: Readonly<Record<Finding["status"], string>> = {
	ok: "ok",
	none: "-",
	bad: "!!",
};

function asText(sections: readonly Section[], color: boolean): string {
	const all = sections.flatMap(({ findings }) => findings);
	const [width] = columnWidths(
		all.map(({ name }) => [name]),
		1,
	);
	const left: Align = "left";
	const lines = [`graft ${graftVersion()}`];
	for (const { title, findings } of sections) {
		lines.push("", paint(title, "bold", color));
		for (const { status, name, text, fix } of findings) {
			const word = WORDS[status];
			const sign = padded(word, 2, left, paint(word, STYLES[status], color));
			lines.push(`  ${sign}  ${padded(name, width)}  ${text}`);
			if (fix !== undefined)
				lines.push(`${" ".repeat(8 + (width ?? 0))}fix: ${fix}`);
		}
	}
	return `${lines.join("\n")}\n`;
}

function asJson(sections: readonly Section[]) {
	return {
		graft: graftVersion(),
		...Object.fromEntries(
			sections.map(({ title, findings }) => [
				title,
				findings.map(({ fix = null, ...finding }) => ({ ...finding, fix })),
			]),
		),
	};
}
