import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import test from "node:test";
import { printDiagnostics } from "../../src/diagnostic-print.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { packageRoot } from "../../src/paths.ts";

/**
 * What a person reads, word for word: test/golden/errors/NAME.txt for each file with mistakes in
 * fixtures/errors. GRAFT_UPDATE=1 writes the pages anew; read the difference before keeping it.
 */

process.chdir(packageRoot());
const folder = "test/experiment/fixtures/errors";
const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

test("there is a page for each file with mistakes", () => {
	const pages = readdirSync("test/golden/errors").filter((name) =>
		name.endsWith(".txt"),
	);
	assert.ok(names.length >= 9);
	assert.deepEqual(
		pages.map((page) => basename(page, ".txt")).sort(),
		[...names.map((name) => basename(name, ".yaml")), "set"].sort(),
	);
});

for (const name of names)
	test(`the mistakes of ${name} are said as on its page`, () => {
		assertPage(basename(name, ".yaml"), join(folder, name), []);
	});

test("mistakes on the command line are said at their place there", () => {
	assertPage("set", "test/experiment/fixtures/every-key/replace.yaml", [
		"train.learnin_rate=0.5",
		"train.epochs=0",
		"model.replace.classifier.6.Linear.out_features=3",
		"train.optimizer=[sgd",
		"train.batch_size",
		"transforms.7.Resize=3",
		"extends=other.yaml",
		"model..freeze=all",
	]);
});

function assertPage(page: string, file: string, sets: readonly string[]): void {
	const result = loadExperiment(file, sets);
	const diagnostics = result.ok ? result.warnings : result.diagnostics;
	const text = printDiagnostics(diagnostics, { color: false, width: 100 });
	const path = join("test/golden/errors", `${page}.txt`);
	if (process.env.GRAFT_UPDATE === "1") writeFileSync(path, text);
	assert.equal(text, readFileSync(path, "utf8"));
}
