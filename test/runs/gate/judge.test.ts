import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { verdictAnnotations } from "../../../src/runs/gate/annotations.ts";
import {
	nextBaseline,
	probeBaseline,
	readBaseline,
	writeBaseline,
} from "../../../src/runs/gate/baseline-file.ts";
import { judge } from "../../../src/runs/gate/judge.ts";
import { verdictJunit } from "../../../src/runs/gate/junit.ts";
import { verdictMarkdown } from "../../../src/runs/gate/markdown.ts";
import { verdictText } from "../../../src/runs/gate/text.ts";
import type { GateResults } from "../../../src/runs/gate/types.ts";

/** What the gate decides, and what it says in each of its forms. */

const RULES = { allowed_drop: 0, significance: 0.01 };

/** 40 photos, half cats, of which the last `wrong` of each class are wrong under every seed. */
function results(wrong: number, first = 0): GateResults {
	const photos = Array.from({ length: 40 }, (_, i) => {
		const place = i % 20;
		return {
			id: (first + i).toString(16).padStart(16, "0"),
			path: `valid/${i < 20 ? "cat" : 'a "dog" | <b>'}/${i}.jpg`,
			label: i < 20 ? "cat" : "dog",
			right: place >= 20 - wrong ? "000" : "111",
		};
	});
	const accuracy = 1 - wrong / 20;
	return {
		classNames: ["cat", "dog"],
		dataFingerprint: "d",
		weightsSha256: "w",
		seeds: [0, 1, 2].map((seed) => ({
			seed,
			fingerprint: "f",
			metrics: { "valid/accuracy": accuracy, "valid/loss": 0.1 },
		})),
		photos,
	};
}

test("equal results pass, and nothing is said to have flipped", () => {
	const verdict = judge(results(2), results(2), RULES);
	assert.equal(verdict.status, "pass");
	assert.deepEqual(verdict.flipped, []);
	assert.equal(verdict.checks[0]?.pValue, 0.5);
});

test("a drop on many photos fails, names them, and a rise passes", () => {
	const fell = judge(results(1), results(5), RULES);
	assert.equal(fell.status, "fail");
	assert.equal(fell.flipped.length, 8);
	assert.equal(fell.mended.length, 0);
	const rose = judge(results(5), results(1), RULES);
	assert.equal(rose.status, "pass");
	assert.equal(rose.mended.length, 8);
});

test("a drop within what is allowed passes", () => {
	const rules = { ...RULES, allowed_drop: 0.25 };
	assert.equal(judge(results(1), results(5), rules).status, "pass");
});

test("floors look at today's results alone, by metric and by class", () => {
	const low = { ...RULES, floor: 0.9, class_floor: { dog: 0.95 } };
	const { status, checks } = judge(results(3), results(3), low);
	assert.equal(status, "fail");
	assert.deepEqual(
		checks.map(({ name, status }) => [name, status]),
		[
			["valid/accuracy", "pass"],
			["floor valid/accuracy", "fail"],
			["floor dog", "fail"],
		],
	);
	const unknown = judge(results(3), results(3), {
		...RULES,
		floor: { "valid/f1": 0.1 },
	});
	assert.equal(unknown.checks[1]?.status, "fail");
	assert.match(unknown.checks[1]?.says ?? "", /no metric valid\/f1/);
});

test("photos that came or went are said and left out; without a common photo the gate fails", () => {
	const some = judge(results(1), results(1, 10), RULES);
	assert.equal(some.status, "pass");
	assert.match(some.checks[1]?.says ?? "", /gone or relabelled/);
	const none = judge(results(1), results(1, 1000), RULES);
	assert.equal(none.status, "fail");
});

test("copies of a valid photo are compared like any other, and equal means did not fall", () => {
	const [copy] = results(1).photos;
	const twice = { ...results(1), photos: [...results(1).photos, copy ?? []] };
	const { checks } = judge(twice as GateResults, twice as GateResults, RULES);
	assert.deepEqual(
		checks.map(({ name, says }) => [name, says]),
		[["valid/accuracy", checks[0]?.says]],
	);
	assert.match(checks[0]?.says ?? "", /^did not fall/);
	const seeds = (n: number): GateResults => {
		const { photos, seeds, ...rest } = results(1);
		const [seed] = seeds;
		return {
			...rest,
			seeds: Array.from({ length: n }, () => seed as (typeof seeds)[number]),
			// The mean of 20 equal shares may differ from that of 3 in the last bit.
			photos: photos.slice(0, 35).map((photo, i) => ({
				...photo,
				right: (i % 6 ? "1" : "0").repeat(n),
			})),
		};
	};
	const equal = judge(seeds(20), seeds(3), RULES);
	assert.match(equal.checks[0]?.says ?? "", /^did not fall/);
});

test("a metric that objects have anyway is no metric of a run", () => {
	const floor = { constructor: 0.1, toString: 0.1, __proto__: 0.1 };
	const { checks } = judge(results(1), results(1), { ...RULES, floor });
	for (const check of checks.slice(1)) {
		assert.equal(check.current, undefined);
		assert.equal(check.status, "fail");
	}
});

test("names with line ends, colour codes, Markdown and HTML stay names in every form", () => {
	const bad = "a`|\n\n<script>\u001b[31m\u202e&amp;";
	const named = (wrong: number): GateResults => ({
		...results(wrong),
		photos: results(wrong).photos.map((photo, i) => ({
			...photo,
			path: `${bad}${i}.jpg`,
			label: bad,
		})),
	});
	const rules = { ...RULES, class_floor: { [bad]: 0.99 } };
	const verdict = judge(named(1), named(9), rules);
	const text = verdictText(verdict, { width: 200, color: false });
	const page = verdictMarkdown(bad, verdict);
	for (const form of [text, page]) {
		for (const odd of ["\u001b", "\u202e"]) assert.ok(!form.includes(odd));
		assert.ok(!/^<script>/m.test(form));
	}
	const items = page.split("\n").filter((line) => line.startsWith("- "));
	assert.equal(items.length, 16);
	// Outside of code neither HTML nor entities.
	const words = page.split("\n").map((line) => line.replace(/^- `[^`]*`/, ""));
	assert.ok(!/<script>|[^;]&amp;[^al]/.test(words.join("\n")));
	assert.ok(page.includes("&lt;script&gt;"));
	const xml = verdictJunit(bad, verdict, 1);
	for (const odd of ["\u001b", "<script>"]) assert.ok(!xml.includes(odd));
	for (const line of verdictAnnotations(bad, 1, verdict))
		assert.ok(!/[\r\n]/.test(line));
});

test("a baseline reads back as it was written, one photo a line; other files are refused by name", (t) => {
	const folder = mkdtempSync(join(tmpdir(), "graft-gate-"));
	t.after(() => rmSync(folder, { recursive: true }));
	const file = join(folder, "b.json");
	assert.deepEqual(readBaseline(file), {
		ok: true,
		value: undefined,
		warnings: [],
	});
	const about = {
		...{ experiment: "e", graft: "0", when: "2026-11-24T00:00:00Z" },
		reason: "first",
	};
	const first = nextBaseline(results(2), undefined, about);
	const second = nextBaseline(results(1), first, { ...about, reason: "next" });
	writeBaseline(file, second);
	const read = readBaseline(file);
	assert.ok(read.ok);
	assert.deepEqual(read.value, second);
	assert.deepEqual(
		second.history.map(({ reason, accuracy }) => [reason, accuracy]),
		[
			["first", 0.9],
			["next", 0.95],
		],
	);
	const text = readFileSync(file, "utf8");
	assert.ok(text.split("\n").length > 40);
	for (const broken of [
		"",
		"<<<<<<< HEAD\n",
		"null",
		"{}",
		'{"version":2}',
		text.replace(" 111 ", " 11 "),
		text.replace('"seeds"', '"sed"'),
		text.slice(0, -300),
		text.replace(/"metrics": \{[^}]*\}/, '"metrics": null'),
		text.replace(/"valid\/loss": [\d.]+/, '"valid/loss": "x"'),
	]) {
		writeFileSync(file, broken);
		const result = readBaseline(file);
		assert.ok(!result.ok, JSON.stringify(broken.slice(0, 40)));
		assert.equal(result.diagnostics[0]?.code, "bad-baseline");
		assert.equal(result.diagnostics[0]?.file, file);
	}
});

test("NaN and a byte order mark survive a baseline's file; a folder in its place is no baseline to mend", (t) => {
	const folder = mkdtempSync(join(tmpdir(), "graft-gate-"));
	t.after(() => rmSync(folder, { recursive: true }));
	const file = join(folder, "b.json");
	const { seeds, ...rest } = results(1);
	const diverged: GateResults = {
		...rest,
		seeds: seeds.map((seed) => ({
			...seed,
			metrics: { "valid/accuracy": 0.5, "valid/loss": Number.NaN },
		})),
	};
	const about = { experiment: "e", graft: "0", when: "w", reason: "r" };
	writeBaseline(file, nextBaseline(diverged, undefined, about));
	writeFileSync(file, `\ufeff${readFileSync(file, "utf8")}`);
	const read = readBaseline(file);
	assert.ok(read.ok);
	assert.deepEqual(read.value?.seeds, diverged.seeds);
	const inFolder = readBaseline(folder);
	assert.ok(!inFolder.ok);
	assert.equal(inFolder.diagnostics[0]?.code, "baseline-not-readable");
	for (const place of [folder, join(file, "x.json")])
		assert.throws(() => probeBaseline(place), /baseline .* cannot be written/);
	probeBaseline(join(folder, "new", "b.json"));
	assert.throws(
		() => writeBaseline(join(file, "x.json"), read.value as never),
		{ code: "baseline-not-writable" },
	);
});

test("each form says what fell: table, Markdown, JUnit, annotations", () => {
	const verdict = judge(results(1), results(5), { ...RULES, floor: 0.9 });
	const text = verdictText(verdict, { width: 200, color: false });
	assert.match(text, /FELL +valid\/accuracy +0\.9500 +0\.7500/);
	assert.match(text, /now wrong: 8/);
	assert.match(text, /gate failed\n$/);

	const page = verdictMarkdown("e", verdict);
	assert.match(page, /Accuracy gate of e: failed/);
	assert.match(page, /now wrong: 8 photos/i);
	// A table's row keeps its columns whatever a name holds.
	const rows = page.split("\n").filter((line) => line.startsWith("| "));
	for (const row of rows)
		assert.equal(row.replaceAll("\\|", "").split("|").length, 9, row);

	const xml = verdictJunit("e & co", verdict, 1.5);
	assert.match(xml, /<testsuites name="e &amp; co" tests="2" failures="2"/);
	assert.match(xml, /now wrong: valid\/a &quot;|now wrong: valid\/cat/);
	assert.ok(!/<b>/.test(xml));

	const lines = verdictAnnotations("a,b.yaml", 7, verdict);
	assert.equal(lines.length, 2);
	assert.match(
		lines[0] ?? "",
		/^::error file=a%2Cb\.yaml,line=7,title=accuracy gate%3A valid\/accuracy::fell by 20\.00 points/,
	);
});
