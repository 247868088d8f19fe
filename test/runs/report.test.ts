import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { createRun, openJournal } from "../../src/runs/journal.ts";
import { writePredictions } from "../../src/runs/predictions.ts";
import { readRun } from "../../src/runs/record.ts";
import { epochTicks, linearAxis, logAxis } from "../../src/runs/report/axis.ts";
import { buildReport } from "../../src/runs/report/build.ts";
import { confusionCounts } from "../../src/runs/report/confusion.ts";
import {
	type Content,
	html,
	jsonScript,
	trusted,
} from "../../src/runs/report/html.ts";
import { renderReport } from "../../src/runs/report/page.ts";
import {
	DARK,
	LIGHT,
	type Palette,
	type Triple,
} from "../../src/runs/report/palette.ts";
import {
	collectThumbnails,
	photosToShow,
} from "../../src/runs/report/thumbnails.ts";
import type { NewEvent, Prediction } from "../../src/runs/types.ts";
import {
	finishedEvents,
	metricsEvent,
	PREDICTIONS,
	startEvent,
	temporaryFolder,
	writeJournal,
} from "./example-run.ts";

function page(
	t: TestContext,
	events: readonly NewEvent[],
	predictions: readonly Prediction[] = PREDICTIONS,
): string {
	const folder = writeJournal(temporaryFolder(t), "a", events);
	return renderReport(readRun(folder), predictions, new Map(), {
		yaml: "name: resize",
	});
}

test("the page tells the headline, the curves, the matrix, the wrong photos and the surroundings", (t) => {
	const text = page(t, finishedEvents("a"));
	for (const part of [
		'75.0<span class="unit">%',
		"<b>6</b> of <b>8</b> photos right",
		"95 % interval 40.9 to 92.9 %",
		"always guessing the largest class: 37.5 %",
		"<dd>3 of 3, 75.0 %</dd>",
		"features: cache miss, 12 of 68 cached",
		"2/3</span>",
		'aria-label="1 of 3: fruit taken for bird"',
		"1 photo left out",
		"train/bird/half.jpg",
		"onnxruntime-node 1.30.0",
		"5233f8a00000 on main, with uncommitted changes",
		'<span class="yaml-key">name</span>: resize',
	])
		assert.ok(text.includes(part), part);
});

test("the page is the same text for the same input, and names nothing outside itself", (t) => {
	const text = page(t, finishedEvents("a"));
	assert.equal(text, page(t, finishedEvents("a")));
	assert.doesNotMatch(text, /(?:src|href)="(?!data:|#)/);
	assert.doesNotMatch(text, /https?:|@import|url\(|fetch\(|XMLHttp/);
});

test("the contents lead to every section that is there", (t) => {
	const text = page(t, finishedEvents("a"));
	const links = [...text.matchAll(/href="#(\w+)"/g)].map(([, id]) => id);
	const heads = [...text.matchAll(/<h2 id="(\w+)">/g)].map(([, id]) => id);
	assert.deepEqual(links, heads);
	assert.ok(heads.includes("confusion") && !heads.includes("plan"));
});

test("the most wrong photo comes first", (t) => {
	const text = page(t, finishedEvents("a"));
	const section = text.slice(text.indexOf('id="wrong"'));
	const [first = 0, second = 0] = [
		"valid/<wbr>fruit/<wbr>6",
		"valid/<wbr>bird/<wbr>2",
	].map((path) => section.indexOf(path));
	assert.ok(first > 0 && second > first);
});

test("what the user named is never markup", (t) => {
	const hostile = `<script>alert(1)</script>"'&\u0000\ud800`;
	const events = finishedEvents("a").map((event): NewEvent => {
		if (event.type === "start")
			return {
				...event,
				name: hostile,
				source: hostile,
				experiment: {
					...event.experiment,
					description: hostile,
					model: { ...event.experiment.model, backbone: hostile },
				},
			};
		if (event.type === "data")
			return {
				...event,
				classNames: [hostile, "</script>", "<!--"],
				corrupt: [{ path: hostile, reason: hostile }],
			};
		if (event.type === "warning")
			return { ...event, code: hostile, message: hostile };
		if (event.type === "end")
			return { ...event, error: { code: hostile, message: hostile } };
		return event;
	});
	const predictions = PREDICTIONS.map((photo) => ({
		...photo,
		path: hostile + photo.path,
	}));
	const text = page(t, events, predictions);
	assert.equal(text.match(/<script/g)?.length, 2);
	assert.equal(text.match(/<\/script/g)?.length, 2);
	assert.equal(text.includes("alert(1)</"), false);
	assert.equal(text.includes("\u0000"), false);
	assert.equal(Buffer.from(text).toString(), text);
});

test("html escapes strings and joins lists; only trusted text passes", () => {
	const list: Content[] = ["<", 1, undefined, false, html`<b>${"&"}</b>`];
	assert.equal(
		html`<p title="${'"'}">${list}${trusted("<i>")}</p>`.text,
		'<p title="&#34;">&#60;1<b>&#38;</b><i></p>',
	);
	assert.equal(
		jsonScript("a", { b: "</script>" }).text,
		'<script type="application/json" id="a">{"b":"\\u003c/script>"}</script>',
	);
});

test("a run without epochs, one with a single epoch, and one that diverged have their pages", (t) => {
	const none = page(t, [startEvent("a")], []);
	assert.match(none, /no result/);
	assert.match(none, /No epoch was finished/);
	assert.match(none, /ended before its photos were judged/);
	const one = page(t, [
		startEvent("a"),
		metricsEvent(1, { "valid/loss": 1, "valid/accuracy": 1 }),
		{ type: "end", status: "KILLED" },
	]);
	assert.match(one, /stopped/);
	assert.match(one, /<circle class="mark valid"/);
	const diverged = page(t, [
		startEvent("a"),
		metricsEvent(1, { "valid/loss": 1, "train/loss": Number.NaN }),
		metricsEvent(2, { "valid/loss": Number.NaN }),
		metricsEvent(3, { "valid/loss": Number.POSITIVE_INFINITY }),
	]);
	assert.doesNotMatch(diverged, /="[^"]*NaN[^"]*"\/>/);
	assert.match(diverged, /<td>NaN<\/td>/);
});

test("of five thousand epochs a thousand are drawn, the last one among them", (t) => {
	const text = page(t, [
		startEvent("a"),
		...Array.from({ length: 5001 }, (_, index) =>
			metricsEvent(index + 1, { "valid/loss": 1 / (index + 1) }),
		),
	]);
	assert.match(text, /834 of 5001 epochs, evenly spread/);
	assert.match(text, /aria-valuenow="5001"/);
	assert.ok(text.length < 4e5, String(text.length));
});

test("a run whose photos are all right says so", (t) => {
	const right = PREDICTIONS.filter(
		({ label, predicted }) => label === predicted,
	);
	assert.match(
		page(t, finishedEvents("a"), right),
		/every valid photo was right/,
	);
});

test("two hundred classes and ten thousand photos make a page of a few megabytes", (t) => {
	const classNames = Array.from(
		{ length: 200 },
		(_, index) => `class ${index}`,
	);
	const predictions = Array.from({ length: 10_000 }, (_, index) => ({
		path: `valid/${index}.jpg`,
		sha256: "",
		label: index % 200,
		predicted: (index * (index % 7 === 0 ? 3 : 1)) % 200,
		probabilities: classNames.map(() => 0.005),
		loss: 1,
	}));
	const events = finishedEvents("a").map((event) =>
		event.type === "data" ? { ...event, classNames } : event,
	);
	const begin = performance.now();
	const text = page(t, events, predictions);
	t.diagnostic(
		`${(text.length / 1e6).toFixed(1)} MB in ${(performance.now() - begin).toFixed(0)} ms`,
	);
	assert.ok(text.length < 4e6);
});

test("the matrix counts labels beyond the class names too", () => {
	const counts = confusionCounts(
		[{ ...(PREDICTIONS[0] as Prediction), label: 3, predicted: 1 }],
		2,
	);
	assert.deepEqual(counts, [
		[0, 0, 0, 0],
		[0, 0, 0, 0],
		[0, 0, 0, 0],
		[0, 1, 0, 0],
	]);
});

test("axes have round ticks that hold every value", () => {
	assert.deepEqual(linearAxis([0, 1.38]).ticks, [0, 0.5, 1, 1.5]);
	assert.deepEqual(linearAxis([0.62, 1]).ticks, [0.6, 0.7, 0.8, 0.9, 1]);
	assert.deepEqual(linearAxis([3, 3]).place(3), 0.5);
	assert.deepEqual(linearAxis([]).ticks, [0, 0.2, 0.4, 0.6, 0.8, 1]);
	assert.deepEqual(logAxis([0.001, 5]).ticks, [0.001, 0.01, 0.1, 1, 10]);
	assert.deepEqual(epochTicks(1, 1), [1]);
	assert.deepEqual(epochTicks(1, 10), [2, 4, 6, 8, 10]);
	assert.deepEqual(epochTicks(3, 5), [3, 4, 5]);
	assert.equal(epochTicks(1, 1000).at(-1), 1000);
	for (let most = 1e-6; most < 1e6; most *= 1.7) {
		const axis = linearAxis([0, most]);
		assert.ok(axis.high >= most && axis.place(most) <= 1 + 1e-9);
		assert.ok(axis.ticks.length >= 3 && axis.ticks.length <= 7);
	}
});

test("text has a contrast of 4.5 on every ground of both themes, the strongest cell included", () => {
	for (const palette of [LIGHT, DARK]) {
		const { page: ground, panel, text, muted, blue, orange, red } = palette;
		for (const [ink, paper] of [
			[text, ground],
			[text, panel],
			[muted, ground],
			[muted, panel],
			[blue, ground],
			[blue, panel],
			[orange, ground],
			[red, ground],
			[text, over(blue, palette)],
			[text, over(orange, palette)],
		] as const)
			assert.ok(contrast(ink, paper) >= 4.5, `${ink} on ${paper}`);
	}
});

/** The strongest shade of a colour over the page. */
function over(colour: Triple, { page: ground, shade }: Palette): Triple {
	const mix = (channel: 0 | 1 | 2) =>
		colour[channel] * shade + ground[channel] * (1 - shade);
	return [mix(0), mix(1), mix(2)];
}

/** WCAG 2.2, contrast ratio. */
function contrast(a: Triple, b: Triple): number {
	const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
	return ((x ?? 0) + 0.05) / ((y ?? 0) + 0.05);
}

function luminance(colour: Triple): number {
	const [r = 0, g = 0, b = 0] = colour.map((channel) => {
		const c = channel / 255;
		return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test("pictures are made of wrong photos first, and a missing photo costs no page", async () => {
	const [first, second] = photosToShow(PREDICTIONS, 2);
	assert.deepEqual(
		[first?.path, second?.path],
		["valid/fruit/6.jpg", "valid/bird/2.jpg"],
	);
	const asked: string[] = [];
	const images = await collectThumbnails(
		"/photos",
		PREDICTIONS,
		async (path) => {
			asked.push(path);
			if (path.endsWith("2.jpg")) throw new Error("gone");
			return "data:image/png;base64,AAAA";
		},
	);
	assert.equal(asked.length, 8);
	assert.ok(asked.includes(join("/photos", "valid/fruit/6.jpg")));
	assert.equal(images.size, 7);
});

test("a report is built from what the run's folder holds", async (t) => {
	const { folder } = createRun(temporaryFolder(t), "a-01234567");
	const journal = openJournal(folder);
	for (const event of finishedEvents("a-01234567")) journal.append(event);
	const early = await buildReport(readRun(folder), async () => "data:,");
	assert.doesNotMatch(early, /What was asked/);
	writePredictions(folder, journal, PREDICTIONS);
	journal.close();
	writeFileSync(join(folder, "experiment.yaml"), "seed: 7\n");
	mkdirSync(join(folder, "other"));
	const text = await buildReport(
		readRun(folder),
		async () => "data:image/png;base64,AAAA",
	);
	assert.match(text, /<span class="yaml-key">seed<\/span>: 7/);
	assert.match(
		text,
		/<img src="data:image\/png;base64,AAAA" alt="fruit, taken for bird"/,
	);
});
