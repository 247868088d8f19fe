import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClassicalHead } from "../../src/experiment/classical-types.ts";
import type { Tensor } from "../../src/model/types.ts";
import { writeSafetensors } from "../../src/model/weights/safetensors-write.ts";
import { random } from "../../src/random.ts";
import { crossValidate } from "../../src/train/classical/cross-validate.ts";
import { stratifiedFolds } from "../../src/train/classical/folds.ts";
import { AUTO, type LinearHead } from "../../src/train/classical/linear.ts";
import { scorePath } from "../../src/train/classical/score-path.ts";
import { needs } from "../support/needs.ts";
import { root, timed } from "./process.ts";

const PHOTOS = 370;
const WIDTH = 1280;
const CLASSES = 5;
const FOLDS = 10;
const REPEATS = 5;

const options = { class_weight: "none", standardize: false } as const;
const HEADS: readonly LinearHead[] = [
	{ logistic: { C: "auto", ...options } },
	{ svm: { C: "auto", loss: "squared_hinge", ...options } },
	{ ridge: { alpha: "auto", ...options } },
];

/**
 * 370 photos x 1280 features of 5 classes: every value of C on 10 folds x 5 seeds, against scikit-learn on the same
 * features, folds and values; then the honest estimate, C chosen anew inside each of the 50 training sets, and what
 * standardising in each of them costs.
 */
export async function classical(): Promise<void> {
	const rows = features();
	const folds = Array.from({ length: REPEATS }, (_, repeat) =>
		stratifiedFolds(rows.labels, FOLDS, 0, repeat + 1),
	);
	const ask = <T extends ClassicalHead>(head: T) => ({
		...{ rows, numClasses: CLASSES, seed: 0, head, assignments: folds },
		...{ folds: FOLDS, repeats: REPEATS },
	});
	const torch = needs("torch");
	const folder = mkdtempSync(join(tmpdir(), "graft-bench-"));
	try {
		for (const head of HEADS) {
			const [name] = Object.keys(head) as [string];
			const path = name === "ridge" ? AUTO.alpha : AUTO.C;
			const start = performance.now();
			const busy = process.cpuUsage();
			const curve = scorePath(ask(head));
			const own = (performance.now() - start) / 1000;
			const { user } = process.cpuUsage(busy);
			console.log(
				`${name.padEnd(9)} whole path   ${own.toFixed(1)} s (${(user / 1e6).toFixed(1)} s of a core), best ${best(curve.accuracy)}`,
			);
			if (torch.missing) {
				console.log(
					`${name.padEnd(9)} scikit-learn left out; ${torch.missing}`,
				);
				continue;
			}
			const file = join(folder, `${name}.safetensors`);
			writeFileSync(file, bytesOf(rows, folds, path));
			const peer = join(root, "test/bench/peers/classical_path.py");
			const { stdout } = await timed(torch.path, [peer, file, name]);
			const { seconds, accuracy } = JSON.parse(stdout);
			console.log(
				`${name.padEnd(9)} scikit-learn ${seconds.toFixed(1)} s, best ${best(accuracy)}: Graft is ${(seconds / own).toFixed(1)} times as fast`,
			);
		}
		for (const standardize of [false, true]) {
			const head = {
				logistic: { C: "auto", ...options, standardize },
			} as const;
			const start = performance.now();
			const { accuracy } = crossValidate(ask(head));
			const seconds = (performance.now() - start) / 1000;
			console.log(
				`logistic  C chosen inside each fold${standardize ? ", standardized" : ""} ${seconds.toFixed(1)} s, accuracy ${accuracy.toFixed(3)}`,
			);
		}
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function best(accuracy: readonly number[]): string {
	return Math.max(...accuracy).toFixed(3);
}

/** Positive parts of normal numbers around class means, as pooled features are; not all of them separable. */
function features() {
	const draw = random(0, "bench", "classical");
	const means = Float64Array.from(
		{ length: CLASSES * WIDTH },
		() => draw.normal() * 0.06,
	);
	const labels = Int32Array.from({ length: PHOTOS }, (_, row) => row % CLASSES);
	const values = Float32Array.from({ length: PHOTOS * WIDTH }, (_, at) => {
		const label = labels[Math.floor(at / WIDTH)] as number;
		const mean = means[label * WIDTH + (at % WIDTH)] as number;
		return Math.max(0, mean + draw.normal() * 0.5);
	});
	return { features: values, shape: [WIDTH], labels };
}

function bytesOf(
	rows: ReturnType<typeof features>,
	folds: readonly Int32Array[],
	path: readonly number[],
): Uint8Array {
	const flat = new Int32Array(folds.length * PHOTOS);
	folds.forEach((foldOf, repeat) => {
		flat.set(foldOf, repeat * PHOTOS);
	});
	const int32 = (data: Int32Array, shape: readonly number[]) => ({
		...{ dtype: "int32" as const, shape, data },
	});
	return writeSafetensors(
		new Map<string, Tensor>([
			[
				"features",
				{
					...{ dtype: "float32" as const, shape: [PHOTOS, WIDTH] },
					data: rows.features,
				},
			],
			["labels", int32(rows.labels, [PHOTOS])],
			["folds", int32(flat, [folds.length, PHOTOS])],
		]),
		{ path: JSON.stringify(path) },
	);
}
