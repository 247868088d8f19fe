import { join } from "node:path";
import type { Sample } from "../data/types.ts";
import type { Device, Transform } from "../experiment/types.ts";
import type { Json } from "../fingerprint.ts";
import { sizeOf } from "../model/dtypes.ts";
import type { Graph, Weights } from "../model/types.ts";
import type { Int8Plan } from "../plan/types.ts";
import { openFeatureCache } from "./cache.ts";
import { corruptError, failedError, sizesDiffer } from "./extract-errors.ts";
import { allocate, corruptAmong, firstOfEach } from "./extracted.ts";
import type { FeatureSet } from "./feature-set.ts";
import { fromHalves, toHalves } from "./half.ts";
import { int8Network } from "./int8.ts";
import type { Answer } from "./messages.ts";
import {
	networkSize,
	type Prefix,
	shareWeights,
	thisMachine,
} from "./prefix.ts";
import { type Progress, progressMeter } from "./rate.ts";
import { keepRows } from "./row-keeper.ts";
import { isTfjsProvider, tfjsPrefix } from "./tfjs-prefix.ts";
import { openVerdicts } from "./verdicts.ts";
import { openWorkerPool, type WorkerPool } from "./worker-pool.ts";

/**
 * Missing rows → prefix → rows.
 *
 *   photos ─┬─ rows in the cache ───────────────────────────────┬─ FeatureSet
 *           ├─ known to be corrupt ─────────────── corrupt list ─┤
 *           └─ the others ─ workers: decode, transform, network ─┘
 *                              └─ every few seconds a shard
 *
 * A row depends on its photo, the prefix and the machine; not on the other photos, the number of workers,
 * or when it is computed.
 */

/** Which prefix, over which folder. */
export interface ExtractorOptions {
	/** The folder that sample paths are relative to. */
	readonly root: string;
	readonly exif: "apply" | "ignore";
	readonly transforms: readonly Transform[];
	/** [channels, height, width] after the transforms. */
	readonly inputShape: readonly number[];
	readonly graph: Graph;
	/** The tensor that is a row; the graph's input where rows are the transformed photos. */
	readonly cutTensor: string;
	/** Of one row. */
	readonly featureShape: readonly number[];
	/** Values of the initializers before the cut; called at most once, and only if a row is missing. */
	readonly loadWeights: () => Promise<Weights>;
	/** Of random transforms. */
	readonly seed: number;
	/** onnxruntime's execution provider, or `tfjs:` and its backend; undefined: cpu. */
	readonly provider?: string;
	/** Where tfjs runs the prefix; undefined: whatever tfjs is open. */
	readonly device?: Device;
	/** Computes the prefix on bytes; undefined: in float32. */
	readonly int8?: Calibration;
	/** Threads; by default one a core. */
	readonly workers?: number;
}

/** How a prefix on bytes is calibrated. */
export interface Calibration {
	readonly plan: Int8Plan;
	/** Its photos after their transforms, float32 [n, …inputShape], without corrupt ones. */
	readonly pixels: (signal: AbortSignal | undefined) => Promise<Float32Array>;
}

/** How one pass goes: what is kept, and who is told. */
export interface ExtractOptions {
	readonly onCorrupt: "fail" | "skip" | "quarantine";
	/** Where rows and verdicts on corrupt photos are kept; undefined: nowhere. */
	readonly cacheFolder?: string;
	/** Under which rows are kept; undefined: they are not (random transforms). */
	readonly featureKey?: string;
	/** What the key is made of, for its key.json. */
	readonly madeOf?: Json;
	/** What kept rows are rounded to; undefined: nothing, they stay float32. */
	readonly dtype?: "float16";
	/** Names the random draw, such as the epoch. */
	readonly view?: number;
	readonly onProgress?: (progress: Progress) => void;
	readonly onWarning?: (code: string, message: string) => void;
	readonly signal?: AbortSignal;
}

/** Computes rows, as often as wanted. Threads are started when the first row is missing. */
export interface Extractor {
	/**
	 * Rows of these photos, each content once, in the order of their first sample.
	 * @throws RunError "corrupt-photo" (under `onCorrupt: fail`, after all other rows are kept), "sizes-differ",
	 *   "photo-changed", "photo-unreadable", "cache-not-writable", "worker-died" and what transforms and network
	 *   throw; the reason of `signal` when it is aborted. Finished rows are kept in every case.
	 */
	readonly extract: (
		samples: readonly Sample[],
		options: ExtractOptions,
	) => Promise<FeatureSet>;
	/** The threads themselves, as many as so many photos are worth, for whoever shares out their work. */
	readonly open: (photos: number, run: ExtractOptions) => Promise<OpenPrefix>;
	/** Ends the threads; nothing keeps the process alive afterwards. */
	readonly close: () => Promise<void>;
}

/** A prefix that is ready. */
export interface OpenPrefix {
	readonly pool: WorkerPool;
	/** Of a row as the threads give it. */
	readonly shape: readonly number[];
	/** float32 [n, …featureShape] of so many rows as the threads gave them: the same, unless tfjs has the network. */
	readonly finish: (rows: Float32Array, n: number) => Float32Array;
}

/** Opens an extractor; whoever opens it closes it. */
export function openExtractor(options: ExtractorOptions): Extractor {
	const machine = thisMachine();
	const onTfjs = isTfjsProvider(options.provider)
		? tfjsPrefix(options)
		: undefined;
	const network = onTfjs
		? undefined
		: networkSize(options.graph, options.cutTensor, machine, options.provider);
	const prefix: Prefix = {
		transforms: options.transforms,
		exif: options.exif,
		seed: options.seed,
		inputShape: options.inputShape,
		// To tfjs the workers give the transformed photos.
		featureShape: onTfjs ? options.inputShape : options.featureShape,
		network,
	};
	let pool: { readonly pool: WorkerPool; readonly size: number } | undefined;
	let onBytes: Awaited<ReturnType<typeof int8Network>> | undefined;

	/** A pool worth its start for so many photos. */
	async function poolFor(
		photos: number,
		run: ExtractOptions,
	): Promise<WorkerPool> {
		const most = options.workers ?? network?.workers ?? machine.cores;
		const size = Math.max(1, Math.min(most, Math.ceil(photos / 8)));
		if (pool && pool.size >= size) return pool.pool;
		await pool?.pool.close();
		if (network !== undefined && options.int8 !== undefined) {
			const { plan, pixels } = options.int8;
			onBytes ??= await int8Network({
				graph: network.graph,
				weights: await options.loadWeights(),
				inputShape: options.inputShape,
				plan,
				pixels: () => pixels(run.signal),
				threads: machine.cores,
				...(run.cacheFolder && { cacheFolder: run.cacheFolder }),
				...(run.signal && { signal: run.signal }),
			});
			const { graph, weights } = onBytes;
			const shared = Promise.resolve(shareWeights(graph, weights));
			const own = { ...prefix, network: { ...network, graph } };
			pool = { pool: openWorkerPool(own, size, shared), size };
			return pool.pool;
		}
		const weights =
			network &&
			options
				.loadWeights()
				.then((loaded) => shareWeights(network.graph, loaded));
		pool = { pool: openWorkerPool(prefix, size, weights), size };
		return pool.pool;
	}

	async function extract(
		samples: readonly Sample[],
		run: ExtractOptions,
	): Promise<FeatureSet> {
		const photos = firstOfEach(samples);
		const length = sizeOf(options.featureShape);
		const data = allocate(photos.length, length);
		const rowOf = new Map(photos.map(({ sha256 }, row) => [sha256, row]));
		const verdicts =
			run.cacheFolder === undefined ? undefined : openVerdicts(run.cacheFolder);
		const reasons = new Map<string, string>();
		for (const { sha256 } of photos) {
			const reason = verdicts?.find(sha256);
			if (reason !== undefined) reasons.set(sha256, reason);
		}

		const cache =
			run.cacheFolder === undefined || run.featureKey === undefined
				? undefined
				: openFeatureCache(
						run.cacheFolder,
						run.featureKey,
						options.featureShape,
						{
							...(run.madeOf !== undefined && { madeOf: run.madeOf }),
							...(run.dtype && { dtype: run.dtype }),
							onDamage: (message) => run.onWarning?.("cache-damaged", message),
						},
					);
		const wanted = new Map([...rowOf].filter(([photo]) => !reasons.has(photo)));
		const missing = cache ? await cache.read(wanted, data) : [...wanted.keys()];

		if (missing.length > 0) {
			cache?.prepare();
			const keeper = keepRows(cache);
			const meter = progressMeter(missing.length, run.onProgress);
			let shown: { path: string; shape: readonly number[] } | undefined;
			const pathOf = (row: number) => photos[row].path;
			const onAnswer = (answer: Answer) => {
				if (answer.type === "rows") {
					answer.rows.forEach((row, index) => {
						const from = index * length;
						const values = answer.features.subarray(from, from + length);
						data.set(values, row * length);
						const kept = data.subarray(row * length, (row + 1) * length);
						// A row is the same whether it is computed or read again.
						if (run.dtype === "float16") kept.set(fromHalves(toHalves(kept)));
						keeper.add(photos[row].sha256, kept);
					});
					shown ??= {
						path: pathOf(answer.rows[0]),
						shape: options.inputShape,
					};
					meter.add(answer.rows.length);
				} else if (answer.type === "corrupt") {
					reasons.set(photos[answer.row].sha256, answer.reason);
					verdicts?.remember(photos[answer.row].sha256, answer.reason);
					meter.add(1);
				} else if (answer.type === "size") {
					const photo = { path: pathOf(answer.row), shape: answer.shape };
					throw sizesDiffer(photo, shown, options.inputShape);
				} else {
					const { row } = answer;
					throw failedError(
						answer,
						row === undefined ? undefined : pathOf(row),
					);
				}
			};
			const jobs = missing.map((sha256) => {
				const row = rowOf.get(sha256) as number;
				const file = join(options.root, pathOf(row));
				return { row, file, sha256, view: run.view ?? 0 };
			});
			try {
				const workers = await poolFor(missing.length, run);
				await onTfjs?.open(options.loadWeights);
				const onRows = (answer: Answer) =>
					onAnswer(onTfjs ? onTfjs.rows(answer) : answer);
				await workers.run(jobs, onRows, run.signal);
			} catch (error) {
				// Workers may still be busy with jobs of this call: the next one gets new ones.
				await close();
				throw error;
			} finally {
				keeper.close();
			}
		}

		const corrupt = corruptAmong(samples, reasons);
		if (corrupt.length > 0 && run.onCorrupt === "fail")
			throw corruptError(corrupt, options.root);
		for (const photo of reasons.keys()) rowOf.delete(photo);
		return {
			shape: options.featureShape,
			data,
			rowOf,
			corrupt,
			cached: wanted.size - missing.length,
			computed: missing.filter((photo) => !reasons.has(photo)).length,
		};
	}

	async function open(
		photos: number,
		run: ExtractOptions,
	): Promise<OpenPrefix> {
		const pool = await poolFor(photos, run);
		await onTfjs?.open(options.loadWeights);
		const finish = (rows: Float32Array, n: number) =>
			onTfjs ? onTfjs.features(rows, n) : rows;
		return { pool, shape: prefix.featureShape, finish };
	}

	async function close(): Promise<void> {
		const running = pool;
		pool = undefined;
		onTfjs?.close();
		await running?.pool.close();
	}

	return { extract, open, close };
}
