import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
	existsSync,
	mkdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { findPython } from "../../src/engine/native/checks.ts";
import type { Wheel } from "../../src/engine/native/recipe.ts";
import { fetchWheel } from "../../src/engine/native/wheels.ts";
import { folderFor, root } from "../support/graft.ts";
import {
	FILE,
	makeWheel,
	openIndex,
	putInto,
	type WheelRequest,
} from "./wheel-index.ts";

/** What has come of a wheel is not fetched again, over whatever end of a process or a connection. */

const python = findPython();
const skip = "what" in python ? `needs: ${python.what}` : undefined;
const program = "program" in python ? python.program : "";

/** So long that a connection does not swallow it at once. */
const LONG = 3_000_000;

/** What is read of a connection at once: a kill costs less than so many bytes. */
const CHUNK = 65_536;

function wheelOf(bytes: Buffer): Wheel {
	const sha256 = createHash("sha256").update(bytes).digest("hex");
	const [name, version] = ["grafted", "1.0"];
	return { name, version, sha256, bytes: bytes.length, keep: [] };
}

function talk() {
	const steps: string[] = [];
	const onStep = (text: string) => void steps.push(text);
	return { python: program, onStep, steps };
}

/** What `folder` holds of the wheel. */
function partOf(folder: string): string {
	return join(folder, "grafted-1.0.whl.part");
}

/** Sends the rest from `begin`, and after `most` bytes of it nothing more. */
function sender(bytes: Buffer, most: () => number) {
	return (response: ServerResponse, begin: number, request: WheelRequest) => {
		const rest = bytes.subarray(begin, begin + most());
		request.sent = rest.length;
		response.setHeader("content-length", bytes.length - begin);
		response.write(rest);
		if (begin + rest.length === bytes.length) response.end();
	};
}

for (const ranges of [true, false])
	test(`after kill -9 in the middle ${ranges ? "only what is missing is asked for" : "a server without ranges sends all of it again"}`, {
		skip,
	}, async (context) => {
		const folder = folderFor(context);
		const bytes = makeWheel(program, folder, LONG);
		const half = 24 * CHUNK;
		let most = half;
		const asked = await openIndex(context, {
			send: sender(bytes, () => most),
			...(ranges && { length: bytes.length }),
		});
		const wheels = join(folder, "wheels");
		const wheel = wheelOf(bytes);
		const script = `import { fetchWheel } from ${JSON.stringify(join(root, "src/engine/native/wheels.ts"))};
			await fetchWheel(${JSON.stringify(wheel)}, ${JSON.stringify(wheels)}, { python: ${JSON.stringify(program)}, onStep() {} });`;
		const child = spawn(
			process.execPath,
			["--import", "tsx", "--input-type=module", "-e", script],
			{ cwd: root, stdio: "ignore" },
		);
		const part = partOf(wheels);
		while (!existsSync(part) || statSync(part).size < half) {
			assert.equal(child.exitCode, null, "it ended by itself");
			await sleep(20);
		}
		child.kill("SIGKILL");
		await once(child, "close");
		assert.equal(statSync(part).size, half);

		most = Number.POSITIVE_INFINITY;
		const path = await fetchWheel(wheel, wheels, talk());
		assert.deepEqual(readFileSync(path), bytes);
		assert.ok(!existsSync(part));
		assert.deepEqual(
			asked.wheels.map(({ range, sent }) => [range, sent]),
			[
				[undefined, half],
				[`bytes=${half}-`, bytes.length - (ranges ? half : 0)],
			],
		);
	});

test("a connection that breaks off is gone on with at once, as often as pip retries", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(program, folder, LONG);
	const cut = 15 * CHUNK;
	const asked = await openIndex(context, {
		length: bytes.length,
		send(response, begin, request) {
			response.setHeader("etag", '"one"');
			sender(bytes, () => cut)(response, begin, request);
			setTimeout(() => response.destroy(), 30);
		},
	});
	putInto(context, { PIP_RETRIES: "1" });
	const path = await fetchWheel(wheelOf(bytes), folder, talk());
	assert.deepEqual(readFileSync(path), bytes);
	assert.deepEqual(
		asked.wheels.map(({ range }) => range),
		[undefined, ...[1, 2, 3].map((times) => `bytes=${times * cut}-`)],
	);
	assert.equal(asked.pages.length, 1);
});

test("a part that is damaged, too long or of another build costs one whole download", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(program, folder);
	const asked = await openIndex(context, {
		length: bytes.length,
		send: sender(bytes, () => Number.POSITIVE_INFINITY),
	});
	for (const length of [100, bytes.length, bytes.length + 100]) {
		const wheels = join(folder, String(length));
		mkdirSync(wheels);
		writeFileSync(partOf(wheels), Buffer.alloc(length, 7));
		const path = await fetchWheel(wheelOf(bytes), wheels, talk());
		assert.deepEqual(readFileSync(path), bytes);
	}
	assert.deepEqual(
		asked.wheels.map(({ range }) => range),
		[
			...["bytes=100-", undefined],
			...[`bytes=${bytes.length}-`, undefined],
			...[`bytes=${bytes.length + 100}-`, undefined],
		],
	);
	// Killed between the last byte and the rename.
	const wheels = join(folder, "whole");
	mkdirSync(wheels);
	writeFileSync(partOf(wheels), bytes);
	assert.deepEqual(
		readFileSync(await fetchWheel(wheelOf(bytes), wheels, talk())),
		bytes,
	);
	assert.equal(asked.wheels.at(-1)?.sent, 0);
});

test("an index that names another sha256 is refused before a byte is fetched", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(program, folder);
	const asked = await openIndex(context, {
		fragment: `#sha256=${"a".repeat(64)}`,
		send: (response) => response.end(bytes),
	});
	await assert.rejects(fetchWheel(wheelOf(bytes), folder, talk()), {
		code: "native-wrong-hash",
		message:
			/the index says that grafted-1\.0-py3\S+ has the sha256 aaaaaaaaaaaaaaaa…, \w{16}… was expected; it was not fetched/,
	});
	assert.equal(asked.wheels.length, 0);
});

test("the login in pip's index address is sent with the page, the wheel and what is missing of it, and shown nowhere", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(program, folder, LONG);
	let most = CHUNK;
	const asked = await openIndex(context, {
		length: bytes.length,
		login: "anna:secret",
		send(response, begin, request) {
			sender(bytes, () => most)(response, begin, request);
			setTimeout(() => response.destroy(), 30);
		},
	});
	await assert.rejects(
		fetchWheel(wheelOf(bytes), folder, talk()),
		(error: Error) => !error.message.includes("secret"),
	);
	most = Number.POSITIVE_INFINITY;
	const path = await fetchWheel(wheelOf(bytes), folder, talk());
	assert.deepEqual(readFileSync(path), bytes);
	const login = `Basic ${Buffer.from("anna:secret").toString("base64")}`;
	assert.deepEqual(
		asked.wheels.map(({ authorization, range }) => [authorization, range]),
		[
			[login, undefined],
			[login, `bytes=${CHUNK}-`],
		],
	);
});

test("a wheel in a folder that pip is pointed at is copied, without an index", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(program, folder);
	assert.ok(existsSync(join(folder, FILE)));
	putInto(context, { PIP_NO_INDEX: "1", PIP_FIND_LINKS: folder });
	const wheels = join(folder, "wheels");
	const path = await fetchWheel(wheelOf(bytes), wheels, talk());
	assert.deepEqual(readFileSync(path), bytes);
	// And where no place has it, all places are named.
	const other = { ...wheelOf(bytes), version: "2.0" };
	await assert.rejects(fetchWheel(other, wheels, talk()), {
		code: "native-download",
		message: new RegExp(
			`no wheel of grafted 2\\.0 for CPython 3\\.11 on Linux x64 in .*${folder}`,
		),
		fix: /PIP_FIND_LINKS=FOLDER/,
	});
});

test("a pip of another build, which cannot be asked so, downloads by itself, and that is said", {
	skip,
}, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(program, folder);
	const asked = await openIndex(context, {
		length: bytes.length,
		send: sender(bytes, () => Number.POSITIVE_INFINITY),
	});
	// Python reads this first: pip has lost a part, but for whoever calls it as a program.
	writeFileSync(
		join(folder, "sitecustomize.py"),
		'import sys\nif sys.argv[:1] == ["-c"]:\n    sys.modules["pip._internal.cli.cmdoptions"] = None\n',
	);
	putInto(context, { PYTHONPATH: folder });
	const wheels = join(folder, "wheels");
	mkdirSync(wheels);
	writeFileSync(partOf(wheels), bytes.subarray(0, 100));
	const { steps, ...told } = talk();
	const path = await fetchWheel(wheelOf(bytes), wheels, told);
	assert.deepEqual(readFileSync(path), bytes);
	assert.match(
		steps.join(),
		/^this pip does not say where grafted lies \(ModuleNotFoundError: .*\): it downloads itself, and begins anew after a break$/,
	);
	assert.equal(asked.wheels.at(-1)?.range, undefined);
});

test("a full disk is called so", { skip }, async (context) => {
	const folder = folderFor(context);
	const bytes = makeWheel(program, folder);
	await openIndex(context, {
		send: sender(bytes, () => Number.POSITIVE_INFINITY),
	});
	const wheels = join(folder, "wheels");
	mkdirSync(wheels);
	symlinkSync("/dev/full", partOf(wheels));
	await assert.rejects(fetchWheel(wheelOf(bytes), wheels, talk()), {
		code: "native-disk",
		fix: /free some space.*what has come is kept/,
	});
});
