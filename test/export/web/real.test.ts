import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { openBrowser } from "../../runs/devtools.ts";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../../support/graft.ts";
import { needs } from "../../support/needs.ts";
import { takeScreens } from "../../support/page-checks.ts";

const chromium = needs("chromium");

interface Said {
	readonly path: string;
	readonly predicted: number;
	readonly probabilities: readonly number[];
}

test("graft export --to tfjs: its page tells the photos of the run apart as the run did", {
	skip: chromium.missing,
}, async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const file = experimentIn(
		folder,
		`name: photos
data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [{ Resize: { size: 256 } }, { CenterCrop: { size: 224 } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0, head: linear }
train: { optimizer: adam, learning_rate: 0.01, epochs: 3 }
`,
	);
	const ran = await graft(["run", file, "--format", "json"], env);
	assert.equal(ran.code, 0, ran.stderr);
	const { run_id } = JSON.parse(ran.stdout) as { run_id: string };
	const out = join(folder, "tfjs");
	const exported = await graft(
		["export", run_id, "--to", "tfjs", "--out", out],
		env,
	);
	assert.equal(exported.code, 0, exported.stderr);
	const lines = readFileSync(
		join(folder, "runs", run_id, "predictions.jsonl"),
		"utf8",
	);
	const said = lines
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as Said);
	const asked = said.filter((_, index) => index % 4 === 0);

	const browser = await openBrowser(chromium.path, [
		"--enable-unsafe-swiftshader",
	]);
	t.after(() => browser.close());
	const url = pathToFileURL(join(out, "index.html")).href;
	await browser.open(url);
	const { root } = await browser.send("DOM.getDocument");
	const { nodeId } = await browser.send("DOM.querySelector", {
		...{ nodeId: root.nodeId, selector: "#files" },
	});
	await browser.send("DOM.setFileInputFiles", {
		nodeId,
		files: asked.map(({ path }) => join(tuxpaint, path)),
	});
	const cards: readonly { scores: string; text: string }[] =
		await browser.evaluate(
			`new Promise((resolve, reject) => { const end = Date.now() + 120000; const look = () => document.body.dataset.state === "ready" ? resolve([...document.querySelectorAll("article")].reverse().map((card) => ({ scores: card.dataset.scores, text: card.innerText }))) : Date.now() > end || document.body.dataset.state === "failed" ? reject(new Error(document.body.innerText)) : setTimeout(look, 50); look(); })`,
		);
	assert.equal(cards.length, asked.length);
	let largest = 0;
	for (const [index, { scores, text }] of cards.entries()) {
		const { path, predicted, probabilities } = asked[index] as Said;
		const found = JSON.parse(scores) as number[];
		assert.equal(found.indexOf(Math.max(...found)), predicted, path);
		for (const [column, p] of probabilities.entries())
			largest = Math.max(largest, Math.abs(p - (found[column] ?? 0)));
		assert.match(text, /ms with wasm,/);
	}
	assert.ok(largest < 2e-3, String(largest));
	if (process.env.GRAFT_SCREENS)
		await takeScreens(browser, process.env.GRAFT_SCREENS, "web-real");
	assert.deepEqual(browser.complaints, []);
	assert.deepEqual(
		browser.requests.filter(
			(request) => !/^(blob|data):/.test(request) && !request.startsWith(url),
		),
		[],
	);
});
