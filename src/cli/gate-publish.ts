import { appendFileSync } from "node:fs";
import { relative } from "node:path";
import { RunError } from "../diagnostic.ts";
import { verdictAnnotations } from "../runs/gate/annotations.ts";
import { verdictJunit } from "../runs/gate/junit.ts";
import { verdictMarkdown } from "../runs/gate/markdown.ts";
import { verdictText } from "../runs/gate/text.ts";
import type { Verdict } from "../runs/gate/types.ts";
import type { Options } from "./arguments.ts";
import { sayFailure } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { writeOut } from "./write-out.ts";

/** What was gated, and what came of it. */
export interface Gated {
	readonly name: string;
	/** The experiment's file, and the line of its `gate` section, 1-based. */
	readonly file: string;
	readonly line: number;
	/** The baseline file. */
	readonly baseline: string;
	readonly verdict: Verdict;
	/** Ids of the runs. */
	readonly runs: readonly string[];
	readonly seconds: number;
}

/**
 * Table or JSON to stdout, and the other forms where they are asked for or where GitHub reads them. The verdict is said
 * first: a report that cannot be written takes nothing from it. @returns whether every report that was asked for is written.
 */
export function publish(gated: Gated, options: Options, io: Io): boolean {
	const { name, verdict, seconds } = gated;
	io.stdout(options.json ? verdictJson(gated) : verdictText(verdict, io));
	const page = verdictMarkdown(name, verdict);
	const written = [
		options.junit === undefined ||
			wrote(options.junit, verdictJunit(name, verdict, seconds), io),
		options.markdown === undefined || wrote(options.markdown, page, io),
	];
	forGitHub(gated, page, io);
	return written.every(Boolean);
}

function wrote(path: string, content: string, io: Io): boolean {
	try {
		writeOut(path, content);
		return true;
	} catch (error) {
		if (!(error instanceof RunError)) throw error;
		sayFailure(error, io);
		return false;
	}
}

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
function forGitHub({ file, line, verdict }: Gated, page: string, io: Io): void {
	const { GITHUB_STEP_SUMMARY, GITHUB_ACTIONS } = process.env;
	if (GITHUB_STEP_SUMMARY)
		try {
			appendFileSync(GITHUB_STEP_SUMMARY, page);
		} catch (error) {
			io.stderr(
				`graft: warning step-summary: the summary cannot be written to GITHUB_STEP_SUMMARY: ${(error as Error).message}\n`,
			);
		}
	if (GITHUB_ACTIONS !== "true") return;
	const shown = relative(process.cwd(), file);
	for (const command of verdictAnnotations(shown, line, verdict))
		io.stderr(`${command}\n`);
}

function verdictJson({ verdict, runs, baseline }: Gated): string {
	const { status, checks, flipped, mended } = verdict;
	const value = {
		status,
		checks: checks.map((check) => ({
			name: check.name,
			baseline: check.baseline ?? null,
			current: check.current ?? null,
			allowed: check.allowed ?? null,
			p_value: check.pValue ?? null,
			status: check.status,
			reason: check.says,
		})),
		flipped: flipped.map(({ path }) => path),
		mended: mended.map(({ path }) => path),
		...{ baseline, runs },
	};
	return `${JSON.stringify(value, null, 2)}\n`;
}
