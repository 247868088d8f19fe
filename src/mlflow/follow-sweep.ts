import { RunError } from "../diagnostic.ts";
import { NoPlace } from "./attach.ts";
import type { Client } from "./client.ts";
import type { FollowMessage } from "./follow-types.ts";
import {
	type Followed,
	followed,
	hasGrown,
	locked,
	sendAll,
	sendNew,
} from "./followed.ts";
import { HttpError } from "./http.ts";
import { runUrl } from "./links.ts";
import { type Replayed, readContents, readSweep } from "./replay.ts";
import type { Settings } from "./settings.ts";
import { journalBytes } from "./state.ts";
import { trialFolders } from "./sweep-folder.ts";
import type { Parent } from "./types.ts";

/**
 * A sweep as its thread sends it: the parent first, for its trials point to it; then each trial whose journal
 * has grown, and once more whole when it has ended. A trial that is whole is not looked at again.
 *
 *   parent ─ trials/* ─ grown? ─┬─ goes on: what is new        a few at a time
 *                               └─ over: all, read back
 */

/** Trials that are sent at once. */
const AT_ONCE = 4;

export interface SweepSender {
	/** Sends what has grown. @throws HttpError, NoPlace */
	readonly look: () => Promise<void>;
	/** Sends all that is left; the last thing that went wrong. */
	readonly finish: () => Promise<string | undefined>;
}

export function openSweep(
	client: Client,
	settings: Settings,
	folder: string,
	say: (message: FollowMessage) => void,
): SweepSender {
	const sweep = followed(folder);
	const trials = new Map<string, Followed>();
	let parent: Parent | undefined;

	function list(): Followed[] {
		for (const path of trialFolders(folder))
			if (!trials.has(path)) trials.set(path, followed(path));
		return [...trials.values()];
	}

	function progress(): void {
		const all = [sweep, ...trials.values()];
		const whole = all.filter(({ isWhole }) => isWhole).length;
		say({ type: "progress", whole, total: all.length });
	}

	/** The parent's journal as it is now, and what was found out of its place. */
	async function lookAtParent(): Promise<Parent> {
		if (parent !== undefined && !hasGrown(sweep)) return parent;
		const bytes = journalBytes(folder);
		const contents = readContents(folder, settings.experiment);
		const read = { contents, bytes };
		const target = await sendNew(client, settings, sweep, undefined, read);
		say({ type: "place", ...target, url: runUrl(client.uri, target) });
		const { runId, experimentId } = target;
		parent = { contents, runId, experimentId };
		return parent;
	}

	async function lookAtTrial(trial: Followed): Promise<void> {
		const bytes = journalBytes(trial.folder);
		const contents = readContents(trial.folder, settings.experiment, parent);
		if (contents.status === "RUNNING") {
			const read = { contents, bytes };
			await sendNew(client, settings, trial, parent, read);
			return;
		}
		const outcome = await sendAll(client, settings, trial, parent);
		// Of an ended run, what did not arrive now is sent at the end: its journal grows no more.
		trial.seen = bytes;
		progress();
		if (outcome.problems[0] === undefined) return;
		if (outcome.isUnreachable) throw new HttpError(outcome.problems[0]);
		throw new NoPlace(outcome.problems[0]);
	}

	async function look(): Promise<void> {
		await lookAtParent();
		const grown = list().filter((trial) => !trial.isWhole && hasGrown(trial));
		await inTurn(grown, (trial) => locked(trial, () => lookAtTrial(trial)));
	}

	async function finish(): Promise<string | undefined> {
		const last = await sendAll(client, settings, sweep);
		const { target, url } = last;
		if (target === undefined || url === undefined) return last.problems[0];
		say({ type: "place", ...target, url });
		const { runId, experimentId } = target;
		const whole = readSweep(folder, settings.experiment);
		parent = { ...whole, runId, experimentId };
		let problem = last.problems[0];
		// That it is the best, and so becomes a version in the registry, is known only now.
		const open = list().filter(
			(trial) => !trial.isWhole || trial.folder === whole.best,
		);
		await inTurn(open, async (trial) => {
			const outcome = await locked(trial, () => sendLast(trial));
			progress();
			if (outcome?.isComplete) return;
			problem = outcome?.problems[0] ?? problem ?? "a trial still goes on";
			if (outcome?.isUnreachable) throw new HttpError(problem);
		}).catch(ignoreExpected);
		progress();
		return problem;
	}

	async function sendLast(trial: Followed): Promise<Replayed | undefined> {
		try {
			return await sendAll(client, settings, trial, parent);
		} catch (error) {
			// A folder whose first line was never written is no run.
			if (error instanceof RunError) return undefined;
			throw error;
		}
	}

	return { look, finish };
}

/** A few at a time; after the first failure no other is begun. A journal that cannot be read yet is left for later. */
async function inTurn(
	runs: readonly Followed[],
	work: (run: Followed) => Promise<unknown>,
): Promise<void> {
	const waiting = [...runs];
	let failure: unknown;
	const worker = async () => {
		for (let run = waiting.shift(); run; run = waiting.shift()) {
			try {
				await work(run);
			} catch (error) {
				if (error instanceof RunError || error instanceof NoPlace) {
					failure ??= error instanceof NoPlace ? error : undefined;
					continue;
				}
				failure = error;
				waiting.length = 0;
			}
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
	if (failure !== undefined) throw failure;
}

function ignoreExpected(error: unknown): void {
	if (!(error instanceof HttpError || error instanceof NoPlace)) throw error;
}
