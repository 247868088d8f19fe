import type { Dataset, Sample, Split } from "../data/types.ts";
import { EXIT, fail, ok, type Result, RunError } from "../diagnostic.ts";
import { extractorOf, optionsOf } from "../features/extractor-of.ts";
import { rowsFor } from "../features/feature-set.ts";
import { progressLine } from "../features/progress.ts";
import { samplesOf, targetsOf } from "../features/rows.ts";
import type { Tensor } from "../model/types.ts";
import { writeSafetensors } from "../model/weights/safetensors-write.ts";
import { cacheFolder } from "../paths.ts";
import { pipelineAt } from "../plan/at.ts";
import type { Plan } from "../plan/types.ts";
import type { Prepared } from "../prepare.ts";
import { printable } from "../text.ts";
import { engineFacts } from "../versions.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { preparedOrExit } from "./prepared.ts";
import { tryOut, writeOut } from "./write-out.ts";

/**
 * `graft features FILE --out F.safetensors [--at LAYER]`: per split float32 `<split>/features` [photos, …] and
 * int64 `<split>/labels`, photos in dataset order; paths and class names as JSON in the metadata.
 */
export async function features(
	file: string,
	options: Options,
	io: Io,
): Promise<number> {
	const out = outFile(options);
	const cache = cacheFolder(options.cache);
	const prepared = await preparedOrExit(file, options, io);
	if (typeof prepared === "number") return prepared;
	const plan = planAt(prepared, options.at);
	if (!plan.ok) return sayDiagnostics(plan.diagnostics, options.json, io);
	tryOut(out);
	const written = await extractAll(prepared, plan.value, cache, io);
	const { cutTensor, featureShape } = plan.value.eval;
	writeOut(
		out,
		writeSafetensors(written.tensors, {
			...written.metadata,
			tensor: cutTensor,
		}),
	);
	const photos = written.photos;
	if (options.json)
		io.stdout(
			`${JSON.stringify({ out, tensor: cutTensor, shape: featureShape, photos }, null, 2)}\n`,
		);
	else
		io.stdout(
			`${out}: ${Object.entries(photos)
				.map(([split, n]) => `${n} ${split}`)
				.join(", ")} at ${cutTensor} [${featureShape.join(", ")}]\n`,
		);
	return EXIT.ok;
}

function outFile(options: Options): string {
	const { out } = options;
	if (out?.toLowerCase().endsWith(".safetensors")) return out;
	throw new RunError(
		"bad-value",
		out === undefined
			? "features needs a file to write"
			: `--out is "${out}", expected a name that ends in .safetensors`,
		{ fix: "write --out features.safetensors" },
	);
}

/** The plan whose eval pipeline ends at `at`, a layer or tensor of the backbone; unchanged without it. */
function planAt(
	{ loaded, plan, backbone }: Prepared,
	at: string | undefined,
): Result<Plan> {
	if (at === undefined) return ok(plan);
	const found = pipelineAt(
		plan.eval,
		backbone,
		at,
		loaded.experiment.data.exif,
		engineFacts(plan.provider),
	);
	if (found.ok)
		return ok({ ...plan, graph: backbone.graph, eval: found.value });
	return fail(
		found.diagnostics.map((problem) => ({ ...problem, file: "--at" })),
	);
}

interface Written {
	readonly tensors: ReadonlyMap<string, Tensor>;
	readonly metadata: Readonly<Record<string, string>>;
	readonly photos: Readonly<Record<string, number>>;
}

/** int64 [n], class indices; with `data.multi_label` [n, classes], 1 where a photo has the class (scikit-learn's indicator matrix). */
function labelsOf(
	samples: readonly Sample[],
	{ length }: readonly string[],
): Tensor {
	const targets = targetsOf(samples, length);
	const numbers = targets ?? samples.map(({ label }) => label);
	return {
		dtype: "int64",
		shape: targets ? [samples.length, length] : [samples.length],
		data: BigInt64Array.from(numbers, BigInt),
	};
}

async function extractAll(
	{ loaded, backbone, dataset }: Prepared,
	plan: Plan,
	cache: string,
	io: Io,
): Promise<Written> {
	if (dataset === undefined) throw new Error("internal: features need photos");
	const bar = progressLine("features", process.stderr);
	const request = {
		plan,
		dataset,
		experiment: loaded.experiment,
		loadWeights: backbone.loadWeights,
		cacheFolder: cache,
		onProgress: bar.show,
		onWarning: (code: string, message: string) =>
			io.stderr(`graft: warning ${code}: ${message}\n`),
	};
	const extractor = extractorOf(request, plan.eval);
	try {
		const set = await extractor.extract(
			dataset.samples,
			optionsOf(request, plan.eval),
		);
		bar.end();
		const left: Dataset = {
			...dataset,
			samples: dataset.samples.filter(({ sha256 }) => set.rowOf.has(sha256)),
		};
		for (const { path, reason } of set.corrupt)
			io.stderr(`left out  ${printable(path)}: ${printable(reason)}\n`);
		const tensors = new Map<string, Tensor>();
		const paths: Record<string, string[]> = {};
		const photos: Record<string, number> = {};
		for (const split of [
			"train",
			"valid",
			"test",
		] as const satisfies readonly Split[]) {
			const samples = samplesOf(left, split);
			if (samples.length === 0) continue;
			tensors.set(`${split}/features`, {
				dtype: "float32",
				shape: [samples.length, ...set.shape],
				data: rowsFor(set, samples),
			});
			tensors.set(`${split}/labels`, labelsOf(samples, dataset.classNames));
			paths[split] = samples.map(({ path }) => path);
			photos[split] = samples.length;
		}
		const metadata = {
			paths: JSON.stringify(paths),
			class_names: JSON.stringify(dataset.classNames),
		};
		return { tensors, metadata, photos };
	} finally {
		await extractor.close();
	}
}
