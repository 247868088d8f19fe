import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { balanceOf } from "../checks/balance.ts";
import type { DuplicateGroup } from "../checks/types.ts";
import type { Dataset, Sample } from "../data/types.ts";
import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import type { Progress } from "../features/rate.ts";
import type { LabelledRows } from "../features/rows.ts";
import type { Json } from "../fingerprint.ts";
import { type Prepared, prepare } from "../prepare.ts";
import { decideStrategy } from "../strategy/decide.ts";
import { look } from "../strategy/look.ts";
import { sampleOf } from "../strategy/sample.ts";
import type { Decision } from "../strategy/types.ts";
import { findLayout, type Layout } from "./layout.ts";
import { lookAtPictures, type Pictures } from "./pictures.ts";
import { CROP, choosePolicy, type Policy, SQUASH } from "./policy.ts";
import { findTwins } from "./twins.ts";

/**
 * `graft init FOLDER`: from photos to what an experiment on them should say, each choice with its reason.
 *
 *   folder ─ layout ─ hash ─┬─ open a sample: sizes, grey, orientation, broken ─┐
 *                           ├─ features of a sample, squashed and cropped ──────┼─ policy ─ strategy (auto) ─ findings
 *                           └─ equal bytes (all), same picture (the sample) ────┘
 *
 * Nothing is written but features and hashes into the cache.
 */
export interface InitOptions {
	readonly cacheFolder: string;
	readonly seed: number;
	readonly onStep: (step: string) => void;
	readonly onProgress: (progress: Progress) => void;
	readonly onWarning: (code: string, message: string) => void;
}

/** What was found, and what follows from it. */
export interface InitFindings {
	readonly layout: Layout;
	readonly dataset: Dataset;
	readonly pictures: Pictures;
	readonly twins: readonly DuplicateGroup[];
	/** Training photos a class, largest over smallest. */
	readonly imbalance: number;
	readonly policy: Policy;
	readonly decision: Decision;
	readonly warnings: readonly Diagnostic[];
}

/** Photos that are opened and looked at through the network: of larger sets a sample, the same share of each class. */
export const MOST_OPENED = 1000;
/** Training photos on which the policies are tried. */
const MOST_TRIED = 300;

/** @returns the mistakes of the folder. @throws RunError as Extractor.extract. */
export async function initFrom(
	folder: string,
	options: InitOptions,
): Promise<Result<InitFindings>> {
	const layout = findLayout(folder);
	if (!layout.ok) return layout;
	const draft = mkdtempSync(join(tmpdir(), "graft-init-"));
	try {
		return await explore(layout.value, join(draft, "draft.yaml"), options);
	} finally {
		rmSync(draft, { recursive: true, force: true });
	}
}

async function explore(
	layout: Layout,
	file: string,
	options: InitOptions,
): Promise<Result<InitFindings>> {
	const { cacheFolder, seed, onStep } = options;
	onStep("listing and hashing");
	const squashed = await draftOf(layout, SQUASH, file, options);
	if (!squashed.ok) return fail(squashed.diagnostics.map(withoutDraft));
	const dataset = squashed.value.dataset as Dataset;
	const { classNames, samples } = dataset;
	const opened = sampleOf(samples, MOST_OPENED);
	onStep(`opening ${opened.length} photos`);
	const pictures = await lookAtPictures(dataset.root, opened, () => undefined);
	const broken = new Set(pictures.corrupt.map(({ path }) => path));
	const readable = opened.filter(({ path }) => !broken.has(path));

	const train = readable.filter(({ split }) => split === "train");
	const tried = sampleOf(train, MOST_TRIED);
	onStep("trying Resize and CenterCrop");
	const cropped = await draftOf(layout, CROP, file, options);
	if (!cropped.ok) return fail(cropped.diagnostics.map(withoutDraft));
	const lookBy = (prepared: Prepared, some: readonly Sample[]) =>
		rowsBy(prepared, some, { cacheFolder, ...told(options) });
	const squash = await lookBy(squashed.value, tried);
	const crop = await lookBy(cropped.value, tried);
	const rows = squash && crop && { squash: squash.rows, crop: crop.rows };
	const policy = choosePolicy(pictures, rows, classNames.length, seed);

	const prepared = policy.transforms === CROP ? cropped : squashed;
	onStep("looking for photos that are there twice");
	const all = await lookBy(prepared.value, readable);
	const twins = all ? await findTwins(dataset, all.samples, all.rows) : [];
	onStep("deciding the strategy");
	const decision = await decideStrategy(prepared.value, {
		...{ cacheFolder, ...told(options) },
	});
	if (!decision.ok) return fail(decision.diagnostics.map(withoutDraft));
	const counts = classNames.map(
		(_, label) =>
			samples.filter((one) => one.split === "train" && one.label === label)
				.length,
	);
	return ok({
		...{ layout, dataset, pictures, twins, policy },
		imbalance: balanceOf(classNames, counts).ratio,
		decision: decision.value,
		warnings: prepared.warnings.map(withoutDraft),
	});
}

/** The experiment as it would be with these transforms, its strategy not decided. */
function draftOf(
	{ root, data }: Layout,
	transforms: readonly Json[],
	file: string,
	{ cacheFolder, seed }: InitOptions,
): Promise<Result<Prepared>> {
	const draft = {
		...{ name: "draft", seed, strategy: "auto", data: { root, ...data } },
		transforms,
	};
	// JSON is YAML.
	writeFileSync(file, JSON.stringify(draft));
	return prepare(file, {
		...{ sets: [], cacheFolder, hash: true, missing: "error" },
	});
}

/** Features at the network's end; undefined where no photo can be read. */
async function rowsBy(
	prepared: Prepared,
	samples: readonly Sample[],
	options: Parameters<typeof look>[3],
): Promise<{ samples: readonly Sample[]; rows: LabelledRows } | undefined> {
	const { plan } = prepared;
	const place = { ...plan.eval, graph: plan.graph };
	const looked = await look(prepared, samples, [place], options);
	const [rows] = looked.rows;
	return rows && looked.samples.length > 1
		? { samples: looked.samples, rows }
		: undefined;
}

function told({ onProgress, onWarning }: InitOptions) {
	return { onProgress, onWarning };
}

/** The draft is no file of the user's. */
function withoutDraft(problem: Diagnostic): Diagnostic {
	const {
		file: _,
		range: __,
		source: ___,
		...rest
	} = problem as Diagnostic & {
		source?: unknown;
	};
	return rest as Diagnostic;
}
