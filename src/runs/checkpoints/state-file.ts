import { createHash } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../../diagnostic.ts";
import { makeFolder } from "../../make-folder.ts";
import { bytesOf } from "../../model/dtypes.ts";
import type { Tensor, Weights } from "../../model/types.ts";
import { readTensors } from "../../model/weights/safetensors.ts";
import { safetensorsParts } from "../../model/weights/safetensors-write.ts";
import type { FitResult } from "../../train/fit-end.ts";
import type { KeptEpoch, TrainState } from "../../train/state.ts";
import { writeWhole } from "../../write-whole.ts";
import { writeFix } from "../journal.ts";

/**
 * A training's state as a file of the run's folder, `checkpoints/state-<optimizer steps>.safetensors`:
 *
 *   metadata: state   all that is no tensor, as JSON
 *             mark    which run it belongs to
 *             sha256  of both and of every tensor
 *   tensors:  weights/<name>, optimizer/<name>, average/<name>, earlier/<name>, best/<name>, kept/<rank>/<name>
 */

/** The folder in a run's folder. */
export const CHECKPOINTS = "checkpoints";

/** What a state fits to. */
export interface StateMark {
	readonly runId: string;
	/** Of the plan: photos, weights, network and all that training depends on. */
	readonly fingerprint: string;
	/** What computed it; another one adds up in another order. */
	readonly backend: string;
}

/** The newest that is whole may be damaged by what ended the run; the one before it is not. */
const KEPT = 2;

/** Writes a state, on the disk when it returns, and removes all but the last two. @throws RunError "artifact-write" */
export function writeState(
	folder: string,
	state: TrainState,
	mark: StateMark,
): void {
	const { place, before } = state;
	const step = before.step + place.step + place.taken;
	const name = `state-${String(step).padStart(9, "0")}.safetensors`;
	const path = join(folder, CHECKPOINTS, name);
	const tensors = tensorsOf(state);
	const said = { state: plainOf(state), mark: JSON.stringify(mark) };
	const sha256 = digest(said, tensors);
	try {
		makeFolder(join(folder, CHECKPOINTS));
		writeWhole(path, safetensorsParts(tensors, { ...said, sha256 }), {
			durable: true,
		});
	} catch (error) {
		throw new RunError(
			"artifact-write",
			`cannot write ${path}: ${(error as Error).message}`,
			{ fix: writeFix(error), cause: error },
		);
	}
	for (const old of stateFiles(folder).slice(KEPT))
		rmSync(old, { force: true });
}

/** Absolute, the newest first. */
export function stateFiles(folder: string): readonly string[] {
	return namesIn(folder)
		.filter((name) => /^state-\d+\.safetensors$/.test(name))
		.sort()
		.reverse()
		.map((name) => join(folder, CHECKPOINTS, name));
}

/** Of a run that needs none any more; `unfinished`: only what a killed write left. */
export function removeStates(folder: string, unfinished = false): void {
	const pattern = unfinished ? /\.tmp$/ : /^state-\d+\.safetensors$|\.tmp$/;
	for (const name of namesIn(folder).filter((name) => pattern.test(name)))
		rmSync(join(folder, CHECKPOINTS, name), { force: true });
}

function namesIn(folder: string): readonly string[] {
	try {
		return readdirSync(join(folder, CHECKPOINTS));
	} catch {
		return [];
	}
}

/** @throws RunError "checkpoint-damaged" for a file that is not as it was written, or none of Graft's. */
export async function readState(
	path: string,
): Promise<{ readonly state: TrainState; readonly mark: StateMark }> {
	try {
		const { tensors, metadata } = await readTensors(path);
		const { state = "", mark = "", sha256 } = metadata;
		if (sha256 === undefined)
			throw new Error("it holds no state of a training");
		if (digest({ state, mark }, tensors) !== sha256)
			throw new Error(
				"its contents are not those that its checksum was made of",
			);
		return { state: stateOf(state, tensors), mark: JSON.parse(mark) };
	} catch (cause) {
		throw new RunError(
			"checkpoint-damaged",
			`${path} cannot be gone on from: ${(cause as Error).message}`,
			{
				fix: "name the run instead of the file: the newest intact state is taken",
				cause,
			},
		);
	}
}

/** Of everything in the file, tensors in the order of their names. */
function digest(
	{ state, mark }: { readonly state: string; readonly mark: string },
	tensors: Weights,
): string {
	const hash = createHash("sha256").update(`${state}\n${mark}\n`);
	const names = [...tensors.keys()].sort();
	for (const name of names) {
		const { dtype, shape, data } = tensors.get(name) as Tensor;
		hash.update(`${name} ${dtype} ${shape.join(",")}\n`).update(bytesOf(data));
	}
	return hash.digest("hex");
}

/** Groups of tensors by the beginning of their names. */
function tensorsOf(state: TrainState): Weights {
	const { weights, optimizer, average, earlier, best, kept } = state;
	const all = new Map<string, Tensor>();
	const put = (group: string, tensors: Weights = new Map()) => {
		for (const [name, tensor] of tensors) all.set(`${group}/${name}`, tensor);
	};
	put("weights", weights);
	put("optimizer", optimizer);
	put("average", average);
	put("earlier", earlier.trained);
	put("best", best?.trained);
	if (best !== undefined) put("best valid", validOf(best));
	for (const [rank, each] of kept.entries()) put(`kept/${rank}`, each.weights);
	return all;
}

function validOf({ valid }: FitResult): Weights {
	const { probabilities, losses, predicted } = valid;
	const flat = (dtype: Tensor["dtype"], data: Tensor["data"]): Tensor => ({
		...{ dtype, shape: [data.length], data },
	});
	return new Map([
		["probabilities", flat("float32", probabilities)],
		["losses", flat("float64", losses)],
		["predicted", flat("int32", predicted)],
	]);
}

/** All that is no tensor; numbers have their shortest text, which reads back as the same. */
function plainOf(state: TrainState): string {
	const { place, before, schedule, stopping, microBatch } = state;
	const { earlier, best, kept, average } = state;
	return JSON.stringify({
		...{ place, before, schedule, stopping, microBatch },
		phase: earlier.phase,
		average: average !== undefined,
		best: best?.epoch,
		kept: kept.map(({ epoch, step, metrics }) => ({ epoch, step, metrics })),
	});
}

function stateOf(text: string, tensors: Weights): TrainState {
	const plain = JSON.parse(text);
	const group = (name: string): Weights =>
		new Map(
			[...tensors].flatMap(([key, tensor]) =>
				key.startsWith(`${name}/`)
					? [[key.slice(name.length + 1), tensor] as const]
					: [],
			),
		);
	const { place, before, schedule, stopping, microBatch, phase } = plain;
	return {
		...{ place, before, schedule, stopping, microBatch },
		earlier: { phase, trained: group("earlier") },
		weights: group("weights"),
		optimizer: group("optimizer"),
		...(plain.average && { average: group("average") }),
		...(plain.best !== undefined && {
			best: bestOf(plain.best, group("best"), group("best valid")),
		}),
		kept: plain.kept.map((each: Omit<KeptEpoch, "weights">, rank: number) => ({
			...each,
			weights: group(`kept/${rank}`),
		})),
	};
}

function bestOf(epoch: number, trained: Weights, valid: Weights): FitResult {
	const data = (name: string) => valid.get(name)?.data;
	return {
		epoch,
		trained,
		valid: {
			probabilities: data("probabilities") as Float32Array,
			losses: data("losses") as Float64Array,
			predicted: data("predicted") as Int32Array,
		},
	};
}
