import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { ClassicalHead } from "../../src/experiment/classical-types.ts";
import type { Experiment } from "../../src/experiment/types.ts";
import { evaluationOf } from "../../src/runs/evaluation/of-predictions.ts";
import type { Baseline } from "../../src/runs/gate/types.ts";
import { readRun } from "../../src/runs/record.ts";
import { findBaseline } from "../../src/runs/report/baseline.ts";
import { type PageParts, renderReport } from "../../src/runs/report/page.ts";
import { onPage, unsurePhotos } from "../../src/runs/report/photos.ts";
import { insetOf } from "../../src/runs/report/pictures.ts";
import { readPlan } from "../../src/runs/report/plan/read.ts";
import { blocksOf, unitsOf } from "../../src/runs/report/plan/units.ts";
import type { NewEvent, Prediction } from "../../src/runs/types.ts";
import {
	finishedEvents,
	PREDICTIONS,
	startEvent,
	temporaryFolder,
	writeJournal,
} from "./example-run.ts";
import { LIVE_PLAN, PLAN, TAGGED, WIDE_JPEG } from "./report-example.ts";

function page(
	t: TestContext,
	parts: PageParts = {},
	predictions: readonly Prediction[] = PREDICTIONS,
	events: readonly NewEvent[] = finishedEvents("a"),
): string {
	const folder = writeJournal(temporaryFolder(t), "a", events);
	const images = new Map(predictions.map(({ path }) => [path, WIDE_JPEG]));
	return renderReport(readRun(folder), predictions, images, parts);
}

/** The text of one section, without tags. */
function section(text: string, id: string): string {
	const from = text.indexOf(`aria-labelledby="${id}"`);
	assert.ok(from > 0, `section ${id}`);
	return plain(text.slice(from + 20, text.indexOf("</section>", from)));
}

function plain(markup: string): string {
	return markup
		.replace(/^[^>]*>/, "")
		.replace(/<[^>]+>/g, " ")
		.replace(/\s+/g, " ");
}

test("the plan is drawn with its layers, shapes, parameters, cut, engines and loss", (t) => {
	const text = page(t, { plan: PLAN });
	const words = section(text, "plan");
	for (const part of [
		"Once per photo onnxruntime on cpu",
		"Resize → 32 × 32 × 3",
		"conv1 → 8 × 16 × 16 248 parameters frozen",
		"layer1.0 … 1 → 1024 2 layers, 3,456 parameters frozen",
		"kept on disk: 1024 float32, 4.1 kB",
		"Every step tfjs on wasm",
		"head → 3 3,075 parameters learn",
		"sgd, learning rate 0.01",
		"cut after flatten : head learns",
		"Evaluation goes the same way.",
	])
		assert.ok(words.includes(part), `${part} in ${words}`);
	assert.match(
		text,
		/role="img" aria-label="4 layers: 3 before the cut after flatten, 1 behind it, 1 of them learning"/,
	);
});

test("a plan whose photos are drawn anew says what runs each epoch, and how evaluation goes", (t) => {
	const words = section(page(t, { plan: LIVE_PLAN }), "plan");
	assert.match(
		words,
		/Each epoch anew onnxruntime on cpu RandomHorizontalFlip random/,
	);
	assert.match(words, /frozen, computed again/);
	assert.match(words, /nothing is kept: RandomHorizontalFlip draws/);
	assert.doesNotMatch(words, /null|once per photo learns/);
	assert.match(
		words,
		/Evaluation goes its own way: Resize, Normalize; cut after flatten/,
	);
});

test("a run without a plan, and one whose plan.json is damaged, have a page without the picture", (t) => {
	assert.doesNotMatch(page(t), /id="plan"/);
	const folder = temporaryFolder(t);
	assert.equal(readPlan(folder), undefined);
	for (const text of ["{", "null", "{}", '{"train":{"stages":[1]}}']) {
		writeFileSync(join(folder, "plan.json"), text);
		assert.equal(readPlan(folder), undefined, text);
	}
	writeFileSync(join(folder, "plan.json"), JSON.stringify(PLAN));
	assert.deepEqual(readPlan(folder), PLAN);
});

test("a layer takes what follows it along, and a network of many blocks is told by what learns", () => {
	const units = unitsOf(
		PLAN.train.stages.filter(({ kind }) => kind === "layer"),
	);
	assert.deepEqual(
		units.map(({ stages }) => stages.map(({ name }) => name).join(" ")),
		[
			"conv1 bn1",
			"layer1.0.conv layer1.0.relu",
			"layer1.1.conv flatten",
			"head",
		],
	);
	const [first] = units;
	const many = Array.from({ length: 20 }, (_, index) => ({
		...(first as (typeof units)[number]),
		stages: (first?.stages ?? []).map((stage) => ({
			...stage,
			name: `block${index}.${stage.name}`,
		})),
	}));
	assert.equal(blocksOf(many).length, 1);
	assert.equal(blocksOf(many)[0]?.label, "block0.conv1 … block19.conv1");
});

test("each class has its photos, recall, precision and F1, and what it is taken for", (t) => {
	const text = page(t);
	const words = section(text, "classes");
	assert.match(words, /bird › 3 66\.7 % 66\.7 % 0\.667 fruit 1/);
	assert.match(words, /flower › 2 100\.0 % 100\.0 % 1\.000/);
	assert.match(text, /data-class="0" data-totals="1,1,2"/);
	assert.match(text, /aria-label="95 % interval 21 to 94 %"/);
	const scored = evaluationOf(PREDICTIONS, ["bird", "flower", "fruit"]);
	assert.equal(scored?.classes[0]?.f1.toFixed(3), "0.667");
});

test("least sure are right photos, by the margin to the second class", (t) => {
	const unsure = unsurePhotos(PREDICTIONS).map(({ path }) => path);
	assert.deepEqual(unsure.slice(0, 2), [
		"valid/fruit/5.jpg",
		"valid/flower/3.jpg",
	]);
	assert.equal(unsure.length, 6);
	assert.equal(new Set(onPage(PREDICTIONS)).size, 8);
	assert.match(section(page(t), "unsure"), /fruit 50 % then bird 25 %/);
});

test("calibration tells the same error as the metric, by diagram, table and sentence", (t) => {
	const words = section(page(t), "calibration");
	const ece = evaluationOf(PREDICTIONS, ["bird", "flower", "fruit"])
		?.calibration.ece;
	assert.ok(
		words.includes(`Expected calibration error ${ece?.toFixed(3)}`),
		words,
	);
	assert.match(words, /Temperature \d/);
	assert.match(words, /47 to 53 % 1 50\.0 % 100\.0 % \+50\.0/);
});

test("photos with several labels have the labels' table, their photos and their calibration", (t) => {
	const text = page(t, {}, TAGGED);
	assert.doesNotMatch(text, /id="confusion"/);
	assert.match(section(text, "labels"), /bird › 2 0 0/);
	assert.match(text, /data-class="1" data-totals="1,1,0"/);
	assert.match(section(text, "unsure"), /bird not flower : 45 %/);
	assert.match(
		section(text, "calibration"),
		/a label is there with a mean probability of 37\.9 %/,
	);
	const data = JSON.parse(
		/id="photo-data">(.*?)<\/script>/.exec(text)?.[1] ?? "",
	);
	assert.equal(data.isMulti, true);
	assert.deepEqual(data.photos[0], [
		"valid/0.jpg",
		[0, 1],
		[0],
		[90, 20],
		[90],
	]);
});

test("heat maps lie on photos that have a picture, with their view, and a switch says what they are", (t) => {
	const map = "data:image/png;base64,AAAA";
	const [first, second] = PREDICTIONS;
	const text = page(t, {
		extras: {
			heat: new Map([
				[first?.path ?? "", map],
				[second?.path ?? "", map],
				["valid/nowhere.jpg", map],
			]),
			views: new Map([
				[second?.path ?? "", { left: 0.25, top: 0, width: 0.5, height: 1 }],
			]),
			heatMethod: "Grad-CAM at conv_head",
		},
	});
	const data = JSON.parse(
		/id="photo-data">(.*?)<\/script>/.exec(text)?.[1] ?? "",
	);
	assert.deepEqual(data.heat, [
		["valid/bird/1.jpg", map, 0.25, 0, 0.5, 1],
		["valid/bird/0.jpg", map],
	]);
	assert.equal(text.match(/data-heat aria-pressed="false" hidden/g)?.length, 3);
	assert.match(
		text,
		/\(Grad-CAM at conv_head\): the stronger .* 3 photos have one/,
	);
	assert.doesNotMatch(page(t), /data-heat aria/);
});

test("a picture's place in its square frame is read from its JPEG", () => {
	assert.equal(insetOf(WIDE_JPEG), "25% 0%");
	assert.equal(insetOf("data:image/png;base64,AAAA"), "0");
	assert.equal(insetOf("data:image/jpeg;base64,/9j/"), "0");
});

test("the strategy's reasons and the findings of graft data are on the page where they are known", (t) => {
	const text = page(t, {
		extras: {
			checks: ["2 photos show the same picture"],
			strategy: {
				...{ strategy: "early_layer_svm", sets: ["model.features.depth=0.6"] },
				reasons: ["12 photos a class <are few>"],
				measures: {
					depths: [
						{ depth: 0.4, layer: "layer2", features: 128, neighbours: 0.7 },
						{ depth: 1, layer: "avgpool", features: 512, neighbours: null },
					],
					trials: [{ depth: 1, accuracy: 0.85 }],
				},
			},
		},
	});
	assert.match(
		section(text, "strategy"),
		/early layer svm model\.features\.depth=0\.6 12 photos a class &#60;are few&#62;/,
	);
	assert.match(
		section(text, "strategy"),
		/0\.4 layer2 128 70\.0 % – 1 avgpool 512 – 85\.0 %/,
	);
	assert.match(section(text, "data"), /2 photos show the same picture/);
	assert.doesNotMatch(page(t), /id="strategy"/);
});

test("the data's section counts classes, calls uneven ones, and names classes without photos", (t) => {
	assert.match(
		section(page(t), "data"),
		/Largest training class bird with 25, smallest flower with 17: even enough/,
	);
	const events = finishedEvents("a").map(
		(event): NewEvent =>
			event.type === "data"
				? { ...event, counts: { train: [90, 10, 0], valid: [3, 2, 3] } }
				: event,
	);
	assert.match(
		section(page(t, {}, PREDICTIONS, events), "data"),
		/uneven \(9\.0 times\), so balanced accuracy says more than accuracy\. Without a training photo: fruit/,
	);
});

test("what to type next is told for a finished run and for one that was stopped, without a URL's password", (t) => {
	const done = section(page(t), "again");
	assert.match(done, /graft run experiments\/resize\.yaml/);
	assert.match(done, /graft reproduce a .*graft diff a OTHER/);
	const argv = [
		"run",
		"my file.yaml",
		"--tracking",
		"https://ada:secret@host/x",
	];
	const killed = section(
		page(
			t,
			{},
			[],
			[startEvent("a", { argv }), { type: "end", status: "KILLED" }],
		),
		"again",
	);
	assert.match(
		killed,
		/graft run &#39;my file\.yaml&#39; --tracking https:\/\/…@host\/x/,
	);
	assert.match(killed, /graft run --resume a/);
});

test("beside a baseline the photos that changed sides are named, and what is damaged is no baseline", (t) => {
	const photo = (index: number, right: string) => ({
		id: String(index).repeat(16),
		...{ path: "other/path.jpg", label: "bird", right },
	});
	const baseline = {
		created: "2026-11-20T10:00:00.000Z",
		seeds: [{}, {}],
		photos: [photo(0, "00"), photo(2, "11"), photo(3, "10"), photo(6, "00")],
	} as unknown as Baseline;
	const words = section(page(t, { baseline }), "baseline");
	assert.match(
		words,
		/Of 4 photos in both, 50\.0 % are right here and 37\.5 % in the baseline of 2026-11-20, on average over 2 seeds/,
	);
	assert.match(
		words,
		/Wrong here, .*: 1 valid\/bird\/2\.jpg Right here, .*: 1 valid\/bird\/0\.jpg/,
	);
	const folder = temporaryFolder(t);
	const run = (baselineText: string) => {
		writeFileSync(join(folder, "b.json"), baselineText);
		const gate = { baseline: join(folder, "b.json"), seeds: 2 };
		const start = startEvent("a");
		const experiment = { ...start.experiment, gate } as Experiment;
		return findBaseline(
			readRun(
				writeJournal(temporaryFolder(t), "a", [{ ...start, experiment }]),
			),
		);
	};
	assert.equal(run("{"), undefined);
	assert.equal(run("{}"), undefined);
});

test("a head that is fitted at once shows how its strength was chosen, not curves of one epoch", (t) => {
	const logistic: ClassicalHead = {
		logistic: { C: "auto", class_weight: "none", standardize: false },
	};
	const events = finishedEvents("a").map((event): NewEvent => {
		if (event.type === "start")
			return {
				...event,
				experiment: {
					...event.experiment,
					model: { ...event.experiment.model, head: logistic },
				},
			};
		return event.type === "phase" && event.name === "train"
			? {
					...event,
					detail: {
						C: 1,
						"C by": "5 folds",
						curve: "0.1: 0.5, 1: 0.75, 10: 0.7",
					},
				}
			: event;
	});
	const words = section(page(t, {}, PREDICTIONS, events), "curves");
	assert.match(words, /Accuracy by C on 5 folds; C = 1 is the result/);
	assert.match(words, /1 75\.0 % chosen/);
});

test("of two hundred classes the matrix shows those that are mistaken most, and the table has all", (t) => {
	const classNames = Array.from(
		{ length: 200 },
		(_, index) => `class ${index}`,
	);
	const predictions = classNames.flatMap((_, label) =>
		[0, 1, 2].map((copy) => ({
			...{ path: `valid/${label}-${copy}.jpg`, sha256: "", label, loss: copy },
			predicted: copy === 2 && label < 50 ? label + 1 : label,
			probabilities: classNames.map(() => 0.005),
		})),
	);
	const events = finishedEvents("a").map(
		(event): NewEvent =>
			event.type === "data" ? { ...event, classNames } : event,
	);
	const text = page(t, {}, predictions, events);
	assert.match(
		section(text, "confusion"),
		/The 29 of 200 classes that are mistaken/,
	);
	assert.equal(text.match(/data-class="/g)?.length, 200);
	const right = predictions.map((one) => ({ ...one, predicted: one.label }));
	assert.match(
		section(page(t, {}, right, events), "confusion"),
		/No photo of the 200 classes is taken for one of another/,
	);
});
