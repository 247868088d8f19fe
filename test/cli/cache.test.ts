import assert from "node:assert/strict";
import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { envFor, folderFor, graft } from "../support/graft.ts";
import { smallExperiment, smallPhotos } from "../support/small-photos.ts";

interface Entry {
	readonly kind: "features" | "weights";
	readonly name?: string;
	readonly bytes: number;
	readonly last_used: string;
}

test("graft cache lists features and fetched weights, removes what was not used for long, and clears all", async (context) => {
	const folder = folderFor(context);
	const env = envFor(folder);
	const call = async (...args: string[]) => {
		const { code, stdout, stderr } = await graft(["cache", ...args], env);
		assert.equal(code, 0, stderr);
		return stdout;
	};
	const list = async () =>
		JSON.parse(await call("ls", "--format", "json")) as Entry[];
	assert.match(
		await call("ls"),
		/^neither features nor weights are cached in /,
	);

	const photos = smallPhotos(folder, { train: 2, valid: 1 });
	const ran = await graft(["run", smallExperiment(folder, photos, {})], env);
	assert.equal(ran.code, 0, ran.stderr);
	const weights = (name: string, size: number, daysAgo: number) => {
		const path = join(env.GRAFT_CACHE ?? "", "weights", name);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, new Uint8Array(size));
		const then = new Date(Date.now() - daysAgo * 86_400_000);
		utimesSync(path, then, then);
		return path;
	};
	const old = weights("example.org/models/old.pth", 3_000_000, 90);
	const young = weights("hf/owner/net/abc/model.safetensors", 2_000_000, 1);
	// A download that is under way, and which commit main is.
	weights("example.org/models/new.pth.part", 10, 0);
	weights("hf/owner/net/refs/main", 40, 0);

	const entries = await list();
	assert.deepEqual(
		entries.map(({ kind, name }) => [kind, name]),
		[
			["features", undefined],
			["weights", "hf/owner/net/abc/model.safetensors"],
			["weights", "example.org/models/old.pth"],
		],
	);
	const text = await call("ls");
	assert.match(text, /^key +photos +features/);
	assert.match(
		text,
		/\n\nweights +size +last used \(UTC\)\nhf\/owner\/net\/abc/,
	);
	assert.match(text, /\nexample\.org\/models\/old\.pth +3\.0 MB +\d{4}-/);

	assert.match(
		await call("gc"),
		/^removed 0 sets of features and 1 file of weights, 3\.0 MB\n$/,
	);
	assert.ok(!existsSync(old) && existsSync(young));
	// Features go first: they are computed again, weights are fetched.
	assert.match(
		await call("gc", "--max-gb", "0.002"),
		/^removed 1 set of features and 0 files of weights/,
	);
	assert.match(await call("clear"), /^removed 0 sets .* 1 file of weights/);
	assert.deepEqual(await list(), []);
	assert.ok(!existsSync(dirname(young)));
});
