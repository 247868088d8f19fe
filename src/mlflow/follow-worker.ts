import { parentPort, workerData } from "node:worker_threads";
import { NoPlace } from "./attach.ts";
import { openClient } from "./client.ts";
import { openSweep } from "./follow-sweep.ts";
import type { FollowData, FollowMessage } from "./follow-types.ts";
import { followed, hasGrown, sendAll, sendNew } from "./followed.ts";
import { HttpError } from "./http.ts";
import { runUrl } from "./links.ts";

/**
 * The thread that sends a run while it goes on. It knows the run by its journal only, so training neither
 * waits for it nor hears of it.
 *
 *   look at the journal ─ grown? ─ send what is new ─ rest ─ …      until told that the run is over,
 *   then a whole replay, which asks the server for everything again
 */
/** ms between two looks at the journal; longer where reading it takes long. */
const REST = 1000;
/** ms after which a server that failed is tried again. */
const REST_AFTER_FAILURE = 5000;
/** Looks at a server that gives no answer, once the run is over. */
const LAST_ATTEMPTS = 3;

const { folder, settings, isSweep } = workerData as FollowData;
/** Times as long as a look takes, the thread rests: of a run it leaves the cores to training, a sweep trains elsewhere. */
const share = isSweep ? 2 : 20;
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

/** What one run or a whole sweep needs: a look now and then, and an end. */
interface Sender {
	readonly look: () => Promise<void>;
	/** The last thing that went wrong; undefined once everything is there. */
	readonly finish: () => Promise<string | undefined>;
}

function runSender(): Sender {
	const run = followed(folder);
	return {
		look: async () => {
			if (!hasGrown(run)) return;
			const isNew = run.place === undefined;
			const target = await sendNew(client, settings, run);
			if (isNew)
				say({ type: "place", ...target, url: runUrl(client.uri, target) });
		},
		finish: async () => {
			const outcome = await sendAll(client, settings, run);
			const { target, url, problems, isComplete } = outcome;
			if (target && url) say({ type: "place", ...target, url });
			return isComplete ? undefined : (problems.at(-1) ?? "the run goes on");
		},
	};
}

async function follow(sender: Sender): Promise<void> {
	while (!isOver) {
		const began = performance.now();
		try {
			await sender.look();
			await rest(Math.max(REST, share * (performance.now() - began)));
		} catch (error) {
			if (!isExpected(error)) throw error;
			say({ type: "problem", message: error.message });
			await rest(REST_AFTER_FAILURE);
		}
	}
}

async function finish(sender: Sender): Promise<void> {
	for (let attempt = 1; ; attempt++) {
		const problem = await sender.finish();
		if (problem !== undefined) say({ type: "problem", message: problem });
		if (problem === undefined || attempt === LAST_ATTEMPTS) {
			say({ type: "done", isComplete: problem === undefined });
			return;
		}
		await new Promise((resolve) => setTimeout(resolve, 1000));
	}
}

function isExpected(error: unknown): error is Error {
	return error instanceof HttpError || error instanceof NoPlace;
}

try {
	const sender = isSweep
		? openSweep(client, settings, folder, say)
		: runSender();
	await follow(sender);
	await finish(sender);
} catch (error) {
	say({ type: "problem", message: (error as Error).message });
	say({ type: "done", isComplete: false });
} finally {
	client.close();
	port.close();
}
