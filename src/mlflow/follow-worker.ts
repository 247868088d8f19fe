import { parentPort, workerData } from "node:worker_threads";
import { attach, NoPlace, type Target } from "./attach.ts";
import { openClient } from "./client.ts";
import { askHeld } from "./held.ts";
import { HttpError } from "./http.ts";
import { runUrl } from "./links.ts";
import { missingFrom, withSent } from "./missing.ts";
import { readContents, replay } from "./replay.ts";
import { send } from "./send.ts";
import type { Settings } from "./settings.ts";
import { journalBytes, writeSent } from "./state.ts";
import type { Held } from "./types.ts";

/**
 * The thread that sends a run while it goes on. It knows the run by its journal only, so training neither
 * waits for it nor hears of it.
 *
 *   look at the journal ─ grown? ─ send what is new ─ rest ─ …      until told that the run is over,
 *   then a whole replay, which asks the server for everything again
 */
export interface FollowData {
	readonly folder: string;
	readonly settings: Settings;
}

/** What the thread says. */
export type FollowMessage =
	| {
			readonly type: "place";
			readonly experimentId: string;
			readonly runId: string;
			readonly url: string;
	  }
	| { readonly type: "problem"; readonly message: string }
	| { readonly type: "done"; readonly isComplete: boolean };

/** ms between two looks at the journal; longer where reading it takes long. */
const REST = 1000;
/** ms after which a server that failed is tried again. */
const REST_AFTER_FAILURE = 5000;
/** Looks at a server that gives no answer, once the run is over. */
const LAST_ATTEMPTS = 3;

const { folder, settings } = workerData as FollowData;
const port = parentPort as NonNullable<typeof parentPort>;
const client = openClient({ ...settings, retries: 1, backoff: 0.5 });
let isOver = false;
let wake = (): void => undefined;
port.on("message", () => {
	isOver = true;
	wake();
});

function say(message: FollowMessage): void {
	port.postMessage(message);
}

function rest(ms: number): Promise<void> {
	if (isOver) return Promise.resolve();
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, ms);
		wake = () => {
			clearTimeout(timer);
			resolve();
		};
	});
}

async function follow(): Promise<void> {
	let place: { readonly target: Target; held: Held } | undefined;
	let seen = 0;
	while (!isOver) {
		const began = performance.now();
		try {
			const bytes = journalBytes(folder);
			if (bytes > seen) {
				const contents = readContents(folder, settings.experiment);
				if (place === undefined) {
					const target = await attach(client, contents);
					say({ type: "place", ...target, url: runUrl(client.uri, target) });
					place = { target, held: await askHeld(client, target.runId) };
				}
				const missing = missingFrom(place.held, contents);
				await send(client, place.target, missing);
				place.held = withSent(place.held, missing);
				seen = bytes;
			}
			await rest(Math.max(REST, 20 * (performance.now() - began)));
		} catch (error) {
			if (!isExpected(error)) throw error;
			say({ type: "problem", message: error.message });
			await rest(REST_AFTER_FAILURE);
		}
	}
}

async function finish(): Promise<void> {
	for (let attempt = 1; ; attempt++) {
		const bytes = journalBytes(folder);
		const contents = readContents(folder, settings.experiment);
		const outcome = await replay(client, contents);
		writeSent(folder, client.uri, outcome, bytes);
		const { target, url, problems, isComplete } = outcome;
		if (target && url) say({ type: "place", ...target, url });
		for (const message of problems) say({ type: "problem", message });
		if (isComplete || attempt === LAST_ATTEMPTS) {
			say({ type: "done", isComplete });
			return;
		}
		await new Promise((resolve) => setTimeout(resolve, 1000));
	}
}

function isExpected(error: unknown): error is Error {
	return error instanceof HttpError || error instanceof NoPlace;
}

try {
	await follow();
	await finish();
} catch (error) {
	say({ type: "problem", message: (error as Error).message });
	say({ type: "done", isComplete: false });
} finally {
	client.close();
	port.close();
}
