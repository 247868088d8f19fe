import { join } from "node:path";
import { RunError } from "../diagnostic.ts";
import { JOURNAL_FILE } from "../runs/journal.ts";
import { readJournal } from "../runs/read-journal.ts";
import { foldJournal, readRun } from "../runs/record.ts";
import { NoPlace, settle, type Target } from "./attach.ts";
import { rankedTrials } from "./best-trial.ts";
import { type Client, isProxied } from "./client.ts";
import { contentsOf } from "./contents.ts";
import { askHeld, heldOfNew, NOTHING } from "./held.ts";
import { HttpError } from "./http.ts";
import { runUrl } from "./links.ts";
import { clashes, missingFrom } from "./missing.ts";
import { type ModelReplayed, replayModel } from "./replay-model.ts";
import { send, sendStatus } from "./send.ts";
import { sweepFolderOf } from "./sweep-folder.ts";
import {
	type Counts,
	countsOf,
	type Held,
	KINDS,
	type Parent,
	type RunContents,
	totalOf,
} from "./types.ts";

/**
 * The journal is the truth, the server a copy of it:
 *
 *   journal → contents ─┐
 *   server  → held ─────┴→ missing → send → server → held → missing = what is left
 *
 * The last look is what notices a server that answers 200 and stores nothing. A second replay finds
 * nothing missing and sends nothing.
 */
export interface Replayed {
	/** Undefined where the run has no place on the server. */
	readonly target: Target | undefined;
	/** Of a trial: its sweep's run on the server. */
	readonly parentId: string | undefined;
	readonly url: string | undefined;
	readonly sent: Counts;
	/** On the server before. */
	readonly present: Counts;
	readonly left: Counts;
	/** Name in the registry that the run's model has a version of. */
	readonly registered: string | undefined;
	/** Everything is there, and the run is over. */
	readonly isComplete: boolean;
	/** No answer at all. */
	readonly isUnreachable: boolean;
	/** What went wrong, one sentence each. */
	readonly problems: readonly string[];
}

/** What the journal in `folder` says now. @throws RunError "no-journal", "no-start" */
export function readContents(
	folder: string,
	experimentName: string | undefined,
	parent?: Parent,
): RunContents {
	const journal = readJournal(join(folder, JOURNAL_FILE));
	const record = foldJournal(journal, folder);
	return contentsOf(
		record,
		journal.events,
		experimentName,
		record.trial && (parent ?? readParent(folder, experimentName)),
	);
}

/** A sweep as its trials need it. @throws RunError "no-journal", "no-start" */
export function readSweep(
	folder: string,
	experimentName: string | undefined,
): Parent {
	const contents = readContents(folder, experimentName);
	const { experiment } = readRun(folder);
	const isRegistered = experiment.tracking?.register !== undefined;
	if (!isRegistered || contents.status === "RUNNING") return { contents };
	const best = rankedTrials(folder, experiment)[0]?.folder;
	return best === undefined ? { contents } : { contents, best };
}

/** The sweep that a trial's folder lies in; undefined where its journal is gone: the trial is a run of its own then. */
export function readParent(
	folder: string,
	experimentName: string | undefined,
): Parent | undefined {
	try {
		return readSweep(sweepFolderOf(folder), experimentName);
	} catch (error) {
		if (error instanceof RunError) return undefined;
		throw error;
	}
}

/**
 * Brings one run to the server, as far as its journal goes; `known` spares the first look where all that the server
 * has was sent by this process. Never throws for what the server does or
 * fails to do: that is in `problems`.
 */
export async function replay(
	client: Client,
	asked: RunContents,
	known?: { readonly target: Target; readonly held: Held },
): Promise<Replayed> {
	let contents = asked;
	const problems: string[] = [];
	let target: Target | undefined;
	let parentId: string | undefined;
	let before: Held = NOTHING;
	let after: Held = NOTHING;
	let isOver = false;
	let hasModels = true;
	let isUnreachable = false;
	try {
		({ target, contents, parentId } = await settle(client, contents));
		const isKnown = known?.target.runId === target.runId;
		before = isKnown
			? known.held
			: target.isNew
				? heldOfNew(contents)
				: await askHeld(client, target.runId, contents);
		after = isKnown ? NOTHING : before;
		const missing = missingFrom(before, contents);
		const isWhole =
			totalOf(countsOf(missing)) === 0 && before.status === contents.status;
		try {
			const refusal = await send(client, target, missing);
			if (refusal !== undefined) problems.push(refusal.message);
			await sendStatus(client, target, contents, before);
			hasModels = contents.models.length === 0;
			const sent: readonly ModelReplayed[] = await modelsSent(
				client,
				target,
				contents,
			);
			problems.push(...new Set(sent.flatMap((each) => each.problems)));
			hasModels = sent.every(({ isComplete }) => isComplete);
		} finally {
			if (isKnown || !isWhole)
				after = await askHeld(client, target.runId, contents);
		}
		isOver = contents.status !== "RUNNING" && after.status === contents.status;
	} catch (error) {
		if (!(error instanceof HttpError || error instanceof NoPlace)) throw error;
		problems.push(error.message);
		isUnreachable = error instanceof HttpError && error.status === undefined;
	}
	// What was changed has been sent: whether it is there, its size says.
	const left = missingFrom(after, unmarked(contents));
	const lost = countsOf(left);
	const clashing = clashes(after, contents);
	if (clashing.length > 0) problems.push(clashText(clashing));
	if (problems.length === 0 && totalOf(lost) > 0)
		problems.push(lossText(target, lost));
	if (problems.length === 0 && contents.status !== "RUNNING" && !isOver)
		problems.push(
			`the server took the run's end with a good answer and still calls it ${after.status}`,
		);
	const wanted = countsOf(contents);
	const missed = countsOf(missingFrom(before, contents));
	return {
		target,
		parentId,
		url: target && runUrl(client.uri, target),
		sent: difference(missed, lost),
		present: difference(wanted, missed),
		left: { ...lost, params: lost.params + clashing.length },
		isComplete:
			isOver && hasModels && totalOf(lost) === 0 && clashing.length === 0,
		registered: hasModels ? contents.models[0]?.register?.name : undefined,
		isUnreachable,
		problems,
	};
}

/** At once: a slow server takes as long for a run's checkpoints as for its result. */
function modelsSent(
	client: Client,
	target: Target,
	{ models }: RunContents,
): Promise<readonly ModelReplayed[]> {
	return Promise.all(models.map((each) => replayModel(client, target, each)));
}

function unmarked(contents: RunContents): RunContents {
	const artifacts = contents.artifacts.map(({ isChanged: _, ...one }) => one);
	return { ...contents, artifacts };
}

function difference(a: Counts, b: Counts): Counts {
	return Object.fromEntries(
		KINDS.map((kind) => [kind, a[kind] - b[kind]]),
	) as unknown as Counts;
}

function clashText(keys: readonly string[]): string {
	const shown = keys.slice(0, 5).join(", ");
	const more = keys.length > 5 ? ` and ${keys.length - 5} more` : "";
	return `the run is on the server with other values of ${shown}${more}; MLflow never changes a param, so they stay as they are`;
}

function lossText(target: Target | undefined, lost: Counts): string {
	const parts = KINDS.filter((kind) => lost[kind] > 0).map(
		(kind) => `${lost[kind]} ${kind}`,
	);
	if (
		lost.artifacts === totalOf(lost) &&
		target &&
		!isProxied(target.artifactUri)
	)
		return `the server keeps files itself at ${target.artifactUri} and takes none over HTTP: start it with --artifacts-destination to have them there`;
	return `the server took ${parts.join(", ")} with a good answer and does not have them`;
}
