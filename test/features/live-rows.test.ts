import assert from "node:assert/strict";
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import type { Dataset } from "../../src/data/types.ts";
import {
	type ExtractorOptions,
	openExtractor,
} from "../../src/features/extract.ts";
import { rowsFor } from "../../src/features/feature-set.ts";
import { runRows } from "../../src/features/rows.ts";
import { prepare } from "../../src/prepare.ts";
import { folderFor } from "../support/graft.ts";
import { drawn, drawnPixels, openLive } from "./live-pieces.ts";
import {
	copyPhotos,
	efficientNet,
	matrixNetwork,
	PHOTOS,
	samplesIn,
} from "./pieces.ts";

/** Rows that are drawn anew each epoch, batch by batch. */

const matrix = (batch: number | string): ExtractorOptions => {
	const { graph, weights } = matrixNetwork(8, 5);
	const [input] = graph.inputs;
	assert.ok(input);
	const inputs = [{ ...input, shape: [batch, 3, 8, 8] }];
	return {
		...drawnPixels(PHOTOS, 8),
		graph: { ...graph, inputs },
		cutTensor: "out",
		featureShape: [5],
		loadWeights: async () => weights,
	};
};

const PREFIXES: readonly [string, () => Promise<ExtractorOptions>][] = [
	["pixels", async () => drawnPixels(PHOTOS)],
	["a network in onnxruntime", async () => matrix("n")],
	["a network that takes four photos at once", async () => matrix(4)],
	[
		"a network in tfjs",
		async () => ({ ...matrix("n"), provider: "tfjs:wasm" }),
	],
	[
		"efficientnet_lite0",
		async () => ({
			...(await efficientNet(PHOTOS, 64)),
			transforms: drawn(64),
		}),
	],
];

for (const [name, options] of PREFIXES)
	test(`batches of ${name} are the rows of a whole epoch, by one worker and by two, whatever is asked for before`, async () => {
		const samples = samplesIn(PHOTOS).slice(0, 22);
		const given = await options();
		const extractor = openExtractor(given);
		const whole = new Map<number, Float32Array>();
		for (const view of [1, 2]) {
			const set = await extractor.extract(samples, {
				...{ onCorrupt: "fail", view },
			});
			whole.set(view, rowsFor(set, samples).slice());
		}
		await extractor.close();
		assert.notDeepEqual(whole.get(1), whole.get(2));
		for (const workers of [1, 2]) {
			const { live, close } = await openLive(samples, { ...given, workers });
			try {
				const chosen = Uint32Array.of(21, 3, 3, 0, 17, 8, 9);
				const given_up = live.ask(2, chosen);
				const [second, first, last] = [
					live.ask(2, chosen),
					live.ask(1, chosen),
					live.ask(1, Uint32Array.of(5)),
				];
				given_up.release();
				const width = live.shape.reduce((a, b) => a * b, 1);
				for (const [asked, epoch] of [
					[second, 2],
					[first, 1],
				] as const) {
					const rows = await asked.take();
					chosen.forEach((row, place) => {
						assert.deepEqual(
							rows.slice(place * width, (place + 1) * width),
							whole.get(epoch)?.slice(row * width, (row + 1) * width),
							`${workers} workers, epoch ${epoch}, place ${place}`,
						);
					});
					asked.release();
				}
				assert.equal((await last.take()).length, width);
			} finally {
				await close();
			}
		}
	});

test("workers fill batches while the main thread is inside a step and answers nothing", async () => {
	const samples = samplesIn(PHOTOS).slice(0, 48);
	const options = { ...drawnPixels(PHOTOS, 16), workers: 2 };
	const { prefix, close } = await openLive(samples, options);
	try {
		// Threads are started by the main thread, so one batch comes first.
		const batch = (from: number) => {
			const some = samples.slice(from, from + 16);
			const width = 3 * 16 * 16;
			const target = new Float32Array(
				new SharedArrayBuffer(4 * width * some.length),
			).fill(-1);
			const jobs = some.map(({ path, sha256 }, row) => ({
				...{ row, file: join(PHOTOS, path), sha256, view: 1 },
			}));
			return { target, ...prefix.pool.fill(jobs, target) };
		};
		assert.deepEqual(await batch(0).done, []);
		const [second, third] = [batch(16), batch(32)];
		// Nothing is awaited from here: as within one call of tfjs.
		const nap = new Int32Array(new SharedArrayBuffer(4));
		const isFilled = () =>
			[second, third].every(({ target }) => target.every((v) => v >= 0));
		for (let tries = 0; tries < 1000 && !isFilled(); tries++)
			Atomics.wait(nap, 0, 0, 20);
		assert.ok(isFilled(), "two batches lie there, and no event was answered");
		assert.deepEqual(await third.done, []);
	} finally {
		await close();
	}
});

test("what is wrong with a photo is said by its path when its batch comes, and the others go on", async (context) => {
	const folder = folderFor(context);
	copyPhotos(folder, 9);
	const samples = samplesIn(folder);
	const { live, close } = await openLive(samples, drawnPixels(folder));
	try {
		rmSync(join(folder, samples[1]?.path ?? ""));
		writeFileSync(join(folder, samples[4]?.path ?? ""), "another");
		const asked = [0, 3, 6].map((from) =>
			live.ask(1, Uint32Array.of(from, from + 1, from + 2)),
		);
		await assert.rejects(asked[0]?.take() ?? Promise.resolve(), {
			code: "photo-unreadable",
			message: /^1\.jpg: it cannot be read/,
		});
		await assert.rejects(asked[1]?.take() ?? Promise.resolve(), {
			code: "photo-changed",
			message: /^4\.jpg: /,
		});
		assert.equal((await asked[2]?.take())?.length, 3 * 108);
	} finally {
		await close();
	}
	const wide = { ...drawnPixels(folder), inputShape: [3, 6, 7] };
	const others = await openLive(samples.slice(5), wide);
	try {
		await assert.rejects(others.live.ask(1, Uint32Array.of(2)).take(), {
			code: "sizes-differ",
			message: /"7\.jpg" is 3 x 6 x 6/,
		});
	} finally {
		await others.close();
	}
});

/** Photos of two classes in the split `train` and `valid`, of which some are damaged. */
async function experimentOf(
	folder: string,
	onCorrupt: string,
	isWhole = false,
) {
	const photos = join(folder, `photos-${isWhole}`);
	copyPhotos(photos, 24, (index) => {
		const split = index < 18 ? "train" : "valid";
		return `${split}/${index % 2 ? "b" : "a"}/${index}.jpg`;
	});
	for (const name of ["train/a/4.jpg", "train/b/11.jpg"])
		if (isWhole) rmSync(join(photos, name));
		else truncateSync(join(photos, name), 900);
	const file = join(folder, `${onCorrupt}-${isWhole}.yaml`);
	const crop = "[{ RandomResizedCrop: 32 }, ToTensor, Normalize]";
	const eye = "[{ Resize: { size: [32, 32] } }, ToTensor, Normalize]";
	writeFileSync(
		file,
		`data: { root: ${JSON.stringify(photos)}, on_corrupt: ${onCorrupt} }
transforms: { train: ${crop}, eval: ${eye} }
model: { backbone: efficientnet_lite0, freeze: none, head: linear }
train: { epochs: 2 }
`,
	);
	const found = await prepare(file, {
		...{ sets: [], cacheFolder: join(folder, "cache"), hash: true },
		missing: "error",
	});
	assert.ok(found.ok, JSON.stringify(found.ok || found.diagnostics));
	const { plan, loaded, backbone } = found.value;
	const { experiment } = loaded;
	return {
		...{ plan, experiment, cacheFolder: join(folder, "cache") },
		loadWeights: backbone.loadWeights,
		dataset: found.value.dataset as Dataset,
	};
}

test("under on_corrupt: fail a damaged photo ends the run when its batch comes, and the error names all there are", async (context) => {
	const folder = folderFor(context);
	const request = await experimentOf(folder, "fail");
	const { live, close } = await runRows(request);
	assert.ok(live, "photos that are drawn each epoch come batch by batch");
	const { samples } = request.dataset;
	const train = samples.filter(({ split }) => split === "train");
	const bad = train.findIndex(({ path }) => path === "train/b/11.jpg");
	try {
		const sound = live.ask(1, Uint32Array.of(0, 1));
		const batch = live.ask(1, Uint32Array.of(0, bad, 1));
		assert.equal((await sound.take()).length, 2 * 3 * 32 * 32);
		await assert.rejects(batch.take(), {
			code: "corrupt-photo",
			message: /^2 photos .*train\/a\/4\.jpg.*train\/b\/11\.jpg/s,
		});
	} finally {
		await close();
	}
	// What is known is told before anything is trained.
	await assert.rejects(runRows(request), {
		code: "corrupt-photo",
		message: /^2 photos/,
	});
});

test("under on_corrupt: skip damaged photos are known before the first batch, and the rows are those of a folder without them", async (context) => {
	const folder = folderFor(context);
	const request = await experimentOf(folder, "skip");
	let looked = 0;
	const told = { ...request, onProgress: () => looked++ };
	const rows = await runRows(told);
	assert.equal(rows.live?.labels.length, 16);
	assert.deepEqual(rows.dataset.corrupt.map(({ path }) => path).sort(), [
		"train/a/4.jpg",
		"train/b/11.jpg",
	]);
	const whole = await runRows(await experimentOf(folder, "skip", true));
	assert.deepEqual(await rows.train(2), await whole.train(2));
	await Promise.all([rows.close(), whole.close()]);
	assert.ok(looked > 18);
	// Photos that were found sound are not looked through again.
	looked = 0;
	const again = await runRows(told);
	await again.close();
	assert.ok(looked <= 7, `${looked} looks`);
	assert.equal(again.live?.labels.length, 16);
});
