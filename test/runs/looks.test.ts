import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { addLook, readLooks } from "../../src/runs/looks.ts";
import { folderFor } from "../support/graft.ts";

const LOOK = { time: "t", runId: "r", photos: "p", accuracy: 0.5 };

test("damage in test-looks.jsonl hides no look and adds none", (t) => {
	const folder = folderFor(t);
	assert.deepEqual(readLooks(folder), []);
	addLook(folder, LOOK);
	const file = join(folder, "test-looks.jsonl");
	appendFileSync(file, 'garbage\nnull\n42\n{"photos":3}\n{"cut off');
	addLook(folder, LOOK);
	addLook(folder, LOOK);
	assert.deepEqual(readLooks(folder), [LOOK, LOOK, LOOK]);
});
