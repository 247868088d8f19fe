import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { zooNames } from "../../src/model/zoo/zoo.ts";
import { envFor, folderFor, graft } from "../support/graft.ts";

interface Row {
	readonly name: string;
	readonly weights: { readonly url?: string };
	readonly path: string | null;
}

test("graft zoo lists every network, and says whose weights lie in the cache", async (context) => {
	const folder = folderFor(context);
	const env = envFor(folder);
	const list = async (...words: string[]) => {
		const { code, stdout } = await graft(["zoo", ...words], env);
		assert.equal(code, 0);
		return stdout;
	};
	const rows = JSON.parse(await list("--format", "json")) as Row[];
	assert.deepEqual(
		rows.map(({ name }) => name),
		zooNames(),
	);
	assert.deepEqual(
		rows.filter(({ path }) => path !== null).map(({ name }) => name),
		["efficientnet_lite0"],
	);

	const url = new URL(
		rows.find(({ name }) => name === "resnet18")?.weights.url ?? "",
	);
	const cache = env.GRAFT_CACHE ?? "";
	const path = join(cache, "weights", url.hostname, url.pathname);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, "");
	const found = JSON.parse(
		await list("--search", "ResNet18", "--format", "json"),
	) as Row[];
	assert.deepEqual(
		found.map(({ name, path }) => [name, path]),
		[["resnet18", path]],
	);

	const text = await list("--search", "efficientnet_b0");
	const [header, row, ...rest] = text.trimEnd().split("\n");
	assert.match(header ?? "", /^name +parameters +GFLOPs +top-1 +photos/);
	assert.match(
		row ?? "",
		/^efficientnet_b0 +5\.3 M +0\.77 +77\.7 % +224 x 224 +classifier\.1 +BSD-3-Clause +not here$/,
	);
	assert.deepEqual(rest, []);
});

test("a search that finds nothing names the nearest network", async (context) => {
	const { code, stdout, stderr } = await graft(
		["zoo", "--search", "mobilnet_v2"],
		envFor(folderFor(context)),
	);
	assert.deepEqual([code, stdout], [0, ""]);
	assert.match(stderr, /did you mean "mobilenet_v2"\?/);
});
