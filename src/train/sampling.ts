import type { TrainOptions } from "../experiment/types.ts";
import { random } from "../random.ts";

/**
 * The rows of one epoch in the order in which they are trained on.
 *
 * shuffle: each once, by random(seed, "shuffle", epoch) (torch's DataLoader with shuffle).
 * class_balanced: n draws with replacement by random(seed, "sample", epoch), each class that has rows as likely as any
 * other and within a class each row: torch.utils.data.WeightedRandomSampler with weights 1/rows of the class and
 * num_samples n (https://pytorch.org/docs/stable/data.html#torch.utils.data.WeightedRandomSampler).
 * @param labels int32 [n], class indices
 */
export function drawOrder(
	labels: Int32Array,
	sampling: TrainOptions["sampling"],
	seed: number,
	epoch: number,
): Uint32Array {
	const n = labels.length;
	if (sampling !== "class_balanced")
		return random(seed, "shuffle", epoch).permutation(n);
	const byClass = new Map<number, number[]>();
	labels.forEach((label, row) => {
		const rows = byClass.get(label);
		if (rows) rows.push(row);
		else byClass.set(label, [row]);
	});
	const classes = [...byClass]
		.sort(([a], [b]) => a - b)
		.map(([, rows]) => rows);
	const { integer } = random(seed, "sample", epoch);
	return Uint32Array.from({ length: n }, () => {
		const rows = classes[integer(classes.length)];
		return rows[integer(rows.length)];
	});
}
