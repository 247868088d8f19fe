import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import test, { after, before } from "node:test";
import { createSession } from "../../src/engine/ort.ts";
import { subgraph } from "../../src/model/edit.ts";
import { layersOf } from "../../src/model/graph.ts";
import { resolveTensor } from "../../src/model/resolve.ts";
import type { Graph, Weights } from "../../src/model/types.ts";
import { matchWeights } from "../../src/model/weights/match.ts";
import { readSafetensors } from "../../src/model/weights/safetensors.ts";
import { zooEntry, zooNames } from "../../src/model/zoo/zoo.ts";
import { needs } from "../support/needs.ts";

/**
 * Every network of the zoo against torchvision on random weights that torch saved. zoo.py answers.
 *
 * The VGGs have one classifier of half a gigabyte: it is compared in vgg16, of the others what enters it.
 */

const torch = needs("torch");
const names = zooNames().filter(
	(name) => zooEntry(name)?.weights.kind === "torchvision",
);

interface Answer {
	/** For each size. */
	readonly outputs: readonly (readonly number[])[];
	/** Every name that torchvision has for a place in the network. */
	readonly layers: readonly string[];
}

/** torchvision's Vision Transformer takes squares only. */
const sizesOf = (name: string) =>
	[[224, 224], name.startsWith("vit") ? [160, 160] : [160, 192]] as const;

/** The last tensor that is compared. */
const outputOf = (name: string) =>
	name.startsWith("vgg") && name !== "vgg16" ? "flatten" : "logits";

const folder = mkdtempSync(join(tmpdir(), "graft-zoo-"));
const fileOf = (name: string, what: string) =>
	join(folder, `${name}.${what}.safetensors`);

let server: ChildProcess | undefined;
let lines: AsyncIterator<string> | undefined;
/** The answer for the next network, computed while this one is compared. */
let ahead: { name: string; answer: Promise<Answer> } | undefined;

before(() => {
	if (torch.missing) return;
	server = spawn(torch.path, [join(import.meta.dirname, "zoo.py")], {
		stdio: ["pipe", "pipe", "inherit"],
		env: {
			...process.env,
			PYTHONDONTWRITEBYTECODE: "1",
			OMP_NUM_THREADS: "1",
		},
	});
	const stdout = server.stdout as NodeJS.ReadableStream;
	lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
});

after(() => {
	server?.stdin?.end();
	server?.kill();
	rmSync(folder, { recursive: true });
});

async function ask(name: string): Promise<Answer> {
	const request = {
		name,
		output: outputOf(name),
		sizes: sizesOf(name),
		weights: fileOf(name, "weights"),
		photos: fileOf(name, "photos"),
	};
	server?.stdin?.write(`${JSON.stringify(request)}\n`);
	const line = await lines?.next();
	assert.ok(line && !line.done, "zoo.py ended early");
	return JSON.parse(line.value) as Answer;
}

/** Of the outputs for one photo, the largest difference in units of the largest expected one. */
async function difference(
	name: string,
	index: number,
	weights: Weights,
	photos: Weights,
	expected: readonly number[],
): Promise<number> {
	const size = sizesOf(name)[index] as readonly [number, number];
	const whole = zooEntry(name)?.build(size) as Graph;
	const found = resolveTensor(whole, outputOf(name));
	assert.ok(found.ok);
	const output = found.tensor;
	const part = subgraph(whole, ["input"], [output]);
	assert.ok(part.ok);
	const graph = part.value;
	const session = await createSession(
		graph,
		matchWeights(graph, weights, name),
		{
			outputs: [output],
			intraOpThreads: 1,
		},
	);
	const photo = Float32Array.from(
		photos.get(`photo/${index}`)?.data as Float32Array,
	);
	const outputs = await session.run(photo, [1, 3, ...size]);
	await session.close();
	const values = outputs.get(output)?.data;
	assert.equal(values?.length, expected.length);
	const largest = Math.max(...expected.map(Math.abs));
	const apart = expected.map((value, i) =>
		Math.abs(value - (values?.[i] ?? Number.NaN)),
	);
	return Math.max(...apart) / largest;
}

names.forEach((name, at) => {
	test(`${name} gives torchvision's logits at two sizes, and its layers have torchvision's names`, {
		skip: torch.missing,
	}, async (context) => {
		const { outputs, layers } = await (ahead?.name === name
			? ahead.answer
			: ask(name));
		const following = names[at + 1];
		if (following) {
			ahead = { name: following, answer: ask(following) };
			// Where the next test does not run, nobody waits for its answer.
			ahead.answer.catch(() => {});
		}
		const { tensors } = await readSafetensors(fileOf(name, "weights"));
		const photos = (await readSafetensors(fileOf(name, "photos"))).tensors;
		for (const index of [0, 1]) {
			const apart = await difference(
				name,
				index,
				tensors,
				photos,
				outputs[index] ?? [],
			);
			const size = sizesOf(name)[index]?.join(" x ");
			context.diagnostic(`${size}: ${apart.toExponential(1)}`);
			assert.ok(apart < 1e-4, `${size}: ${apart}`);
		}
		for (const what of ["weights", "photos"]) rmSync(fileOf(name, what));

		const graph = zooEntry(name)?.build(sizesOf(name)[0]) as Graph;
		// torchvision's name for the class token's row is getitem_5, by its place in the code.
		const known = new Set([...layers, "cls"]);
		const own = layersOf(graph).filter((layer) => !known.has(layer));
		assert.deepEqual(own, []);
	});
});
