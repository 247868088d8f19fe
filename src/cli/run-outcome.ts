import { relative } from "node:path";
import type { SameClasses } from "../agree.ts";
import type { Agreement } from "../features/agreement.ts";
import type { RunOutcome } from "../run.ts";
import { REPORT_FILE } from "../runs/report/build.ts";
import { trainingJson } from "../runs/training-json.ts";
import { duration } from "../text.ts";
import type { EpochEvent } from "../train/types.ts";

/** What `graft run` says of a run at its end, for people and for machines. */

/** What is known of a run that has not ended. */
export interface Begun {
	runId?: string;
	folder?: string;
	metrics: Readonly<Record<string, number>>;
	history: EpochEvent[];
	/** Of features that are not float32 with those that are, before training and after it. */
	rows?: Agreement;
	classes?: SameClasses;
}

/** A loss as the lines of the terminal show it. */
export function loss4(loss: number): string {
	return Math.abs(loss) >= 1e5 ? loss.toExponential(2) : loss.toFixed(4);
}

/** One line with the result, one with where the page is. */
export function outcomeText({
	runId,
	folder,
	status,
	metrics,
	seconds,
}: RunOutcome): string {
	const accuracy = metrics["valid/accuracy"];
	const loss = metrics["valid/loss"];
	const numbers =
		accuracy === undefined || loss === undefined
			? []
			: [`valid accuracy ${accuracy.toFixed(4)}`, `loss ${loss4(loss)}`];
	const line = [runId, status, ...numbers, duration(seconds.total ?? 0)].join(
		"  ",
	);
	return status === "FINISHED"
		? `${line}\nreport: ${relative(process.cwd(), folder)}/${REPORT_FILE}\n`
		: `${line}\n`;
}

/** The outcome in snake_case. */
export function outcomeJson({
	runId,
	folder,
	status,
	metrics,
	cache,
	seconds,
	error,
	...training
}: RunOutcome) {
	return {
		run_id: runId,
		status,
		run_dir: folder,
		metrics,
		cache,
		seconds,
		...trainingJson(training),
		...(error && {
			error: {
				code: error.code,
				message: error.message,
				fix: error.fix ?? null,
			},
		}),
	};
}

/** As the record says it of the phases `features` and `agreement`; of float32 nothing. */
export function agreementJson({ rows, classes }: Begun) {
	if (rows === undefined) return {};
	const { photos, cosine, leastCosine } = rows;
	return {
		agreement: { photos, cosine, least_cosine: leastCosine, ...classes },
	};
}

/** What is known of a run that a signal ended. */
export function killedJson({ runId, folder, metrics, history }: Begun) {
	const message = "the run was ended by a signal";
	return {
		run_id: runId ?? null,
		status: "KILLED",
		run_dir: folder ?? null,
		metrics,
		...trainingJson({ history, steps: [], stop: undefined }),
		error: {
			code: "killed",
			message,
			fix: "graft run --resume goes on with it",
		},
	};
}

/** One value, ending with a newline. */
export function asJson(value: unknown): string {
	return `${JSON.stringify(value, null, 2)}\n`;
}
