import type { GraphModel } from "@tensorflow/tfjs-converter";
import { IDS, type WebSettings } from "../types.ts";
import { openBackend } from "./backend.ts";
import { type Answer, classify, warmUp } from "./classify.ts";
import {
	byId,
	document,
	element,
	type FileInput,
	location,
	onPage,
	type Photo,
	requestAnimationFrame,
} from "./dom.ts";
import { openModel } from "./open-model.ts";
import { answerCard, failureCard, scoreText, verdictOf } from "./view.ts";

/**
 * The script of the page that classifies photos:
 *
 *   dropped, chosen or pasted ─ queue ─ decode ─ transforms ─ network ─ card, and a sentence for screen readers
 */
const settings = JSON.parse(byId(IDS.settings).textContent) as WebSettings;
const results = byId(IDS.results);
const waiting: Photo[] = [];
const answers: Answer[] = [];
let isWorking = false;
let taken = 0;

/** Screen readers hear every change. */
function say(text: string, isBad = false): void {
	const status = byId(IDS.status);
	status.textContent = text;
	status.classList.toggle("bad", isBad);
}

/** Lets the browser draw, and goes on where it does not because nobody looks. */
function drawn(): Promise<void> {
	return new Promise((resolve) => {
		requestAnimationFrame(() => setTimeout(resolve, 0));
		setTimeout(resolve, 50);
	});
}

const loading: Promise<{ model: GraphModel; backend: string } | undefined> =
	(async () => {
		await drawn();
		try {
			const wish = new URLSearchParams(location.search).get("backend");
			const backend = await openBackend(wish);
			const model = await openModel(settings.isEmbedded);
			await warmUp(model);
			byId(IDS.machine).textContent = `computing with ${backend}`;
			if (waiting.length === 0) say("Ready.");
			return { model, backend };
		} catch (error) {
			say(messageOf(error), true);
			document.body.dataset.state = "failed";
			return undefined;
		}
	})();

function take(files: ArrayLike<Photo> | null | undefined): void {
	const photos = Array.from(files ?? []);
	if (photos.length === 0) return;
	waiting.push(...photos);
	taken += photos.length;
	if (!isWorking) work();
}

async function work(): Promise<void> {
	isWorking = true;
	document.body.dataset.state = "working";
	const opened = await loading;
	if (opened === undefined) return;
	for (let photo = waiting.shift(); photo; photo = waiting.shift()) {
		if (taken > 1)
			say(`Looking at photo ${taken - waiting.length} of ${taken} …`);
		await drawn();
		await answerOne(photo, opened);
	}
	byId(IDS.tools).hidden = false;
	taken = 0;
	isWorking = false;
	document.body.dataset.state = "ready";
}

async function answerOne(
	photo: Photo,
	{ model, backend }: { model: GraphModel; backend: string },
): Promise<void> {
	try {
		const answer = await classify(model, photo, settings);
		answers.push(answer);
		results.prepend(answerCard(answer, settings, backend));
		const best = scoreText(Math.max(...answer.scores), answer.isProbability);
		const sure = settings.isMultiLabel ? "" : `, ${best}`;
		say(`${photo.name}: ${verdictOf(answer, settings)}${sure}`);
	} catch (error) {
		const reason = messageOf(error);
		results.prepend(failureCard(photo.name, reason));
		say(`${photo.name}: ${reason}`);
	}
}

function messageOf(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error);
	return /could not be decoded|InvalidStateError/i.test(text)
		? "This browser cannot read it as a picture."
		: text;
}

/** One row a photo, one column a class; RFC 4180. */
function saveAnswers(): void {
	const quote = (text: string) => `"${text.replace(/"/g, '""')}"`;
	const rows = [
		["photo", "predicted", ...settings.classNames].map(quote).join(","),
		...answers.map((answer) =>
			[
				quote(answer.name),
				quote(verdictOf(answer, settings)),
				...answer.scores.map((score) => String(Number(score.toFixed(6)))),
			].join(","),
		),
	];
	const link = element("a", "");
	const file = new Blob([`${rows.join("\r\n")}\r\n`], { type: "text/csv" });
	link.setAttribute("href", URL.createObjectURL(file));
	link.setAttribute("download", "predictions.csv");
	link.click();
}

const input = byId(IDS.files) as FileInput;
byId(IDS.choose).addEventListener("click", () => input.click());
input.addEventListener("change", () => {
	take(input.files);
	// The same photo may be chosen again.
	input.value = "";
});
byId(IDS.save).addEventListener("click", saveAnswers);
byId(IDS.clear).addEventListener("click", () => {
	results.replaceChildren();
	answers.length = 0;
	byId(IDS.tools).hidden = true;
	say("Ready.");
	byId(IDS.choose).focus();
});
document.addEventListener("dragover", (event) => {
	event.preventDefault();
	if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
	byId(IDS.drop).classList.toggle("over", true);
});
document.addEventListener("dragleave", ({ relatedTarget }) => {
	if (relatedTarget === null) byId(IDS.drop).classList.remove("over");
});
document.addEventListener("drop", (event) => {
	event.preventDefault();
	byId(IDS.drop).classList.remove("over");
	take(event.dataTransfer?.files);
});
document.addEventListener("paste", ({ clipboardData }) =>
	take(clipboardData?.files),
);
// Paper shows what the screen folds.
onPage("beforeprint", () => {
	for (const folded of document.querySelectorAll("details")) folded.open = true;
});
