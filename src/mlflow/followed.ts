import type { Target } from "./attach.ts";
import { settle } from "./attach.ts";
import type { Client } from "./client.ts";
import { askHeld, heldOfNew } from "./held.ts";
import { makeImages } from "./images.ts";
import { lockRun } from "./lock.ts";
import { missingFrom, withSent } from "./missing.ts";
import { type Replayed, readContents, replay } from "./replay.ts";
import { send } from "./send.ts";
import type { Settings } from "./settings.ts";
import { journalBytes, markChanged, readSent, writeSent } from "./state.ts";
import type { Held, Parent, RunContents } from "./types.ts";

/** One run as the thread that sends it knows it. */
export interface Followed {
	readonly folder: string;
	place: { readonly target: Target; held: Held } | undefined;
	/** Bytes of the journal that were sent. */
	seen: number;
	/** Over, and all of it on the server. */
	isWhole: boolean;
}

export function followed(folder: string): Followed {
	return { folder, place: undefined, seen: 0, isWhole: false };
}

/** Whether the journal has grown since it was last sent. */
export function hasGrown({ folder, seen }: Followed): boolean {
	return journalBytes(folder) > seen;
}

/**
 * Sends what the journal has gained, without asking the server what it has: the first look did that.
 * @throws HttpError, NoPlace, RunError "no-journal", "no-start"
 */
export async function sendNew(
	client: Client,
	settings: Settings,
	run: Followed,
	parent?: Parent,
	read?: { readonly contents: RunContents; readonly bytes: number },
): Promise<Target> {
	const bytes = read?.bytes ?? journalBytes(run.folder);
	const asked =
		read?.contents ?? readContents(run.folder, settings.experiment, parent);
	if (run.place === undefined) {
		const { target, contents } = await settle(client, asked);
		const held = target.isNew
			? heldOfNew(contents)
			: await askHeld(client, target.runId, contents);
		run.place = { target, held };
	}
	const missing = missingFrom(run.place.held, asked);
	const refusal = await send(client, run.place.target, missing);
	// What was refused is not sent again and again: the last look finds it missing.
	run.place.held = withSent(run.place.held, missing);
	run.seen = bytes;
	if (refusal !== undefined) throw refusal;
	return run.place.target;
}

/**
 * Sends the rest of a run and asks the server for everything again; `mlflow.json` beside the journal says what came
 * of it.
 * @throws RunError "no-journal", "no-start"
 */
export async function sendAll(
	client: Client,
	settings: Settings,
	run: Followed,
	parent?: Parent,
): Promise<Replayed> {
	await makeImages(run.folder);
	const bytes = journalBytes(run.folder);
	const contents = markChanged(
		readContents(run.folder, settings.experiment, parent),
		readSent(run.folder, client.uri),
	);
	const known = run.place;
	// Only once: if the server has lost some of it since, the next attempt asks first.
	run.place = undefined;
	const outcome = await replay(client, contents, known);
	writeSent(run.folder, client.uri, outcome, bytes, contents);
	if (outcome.isComplete) {
		run.isWhole = true;
		run.seen = bytes;
	}
	return outcome;
}

/** Does nothing, undefined, while another process sends this run. */
export async function locked<T>(
	{ folder }: Followed,
	work: () => Promise<T>,
): Promise<T | undefined> {
	const unlock = lockRun(folder);
	if (unlock === undefined) return undefined;
	try {
		return await work();
	} finally {
		unlock();
	}
}
