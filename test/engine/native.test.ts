import assert from "node:assert/strict";
import { test } from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import { BACKENDS } from "../support/backends.ts";

for (const { name, missing, open } of BACKENDS)
	test(`a backend that was opened is the one that is meant from then on: ${name}`, {
		skip: missing,
	}, async () => {
		const { tf } = await open();
		assert.equal((await openTfjs()).tf, tf);
		assert.equal(tf.getBackend(), name === "node" ? "tensorflow" : name);
		assert.equal(tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0], 11);
	});
