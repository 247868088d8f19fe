import { sizeOf } from "../model/dtypes.ts";
import type { AskedRows, LiveRows } from "./live-rows.ts";
import type { LabelledRows } from "./rows.ts";

/** Photos that are asked for at once. */
const PART = 64;

/** All rows of an epoch side by side, for what cannot take them batch by batch: heads that are fitted at once. */
export function wholeEpochs({
	ask,
	...rest
}: LiveRows): (epoch: number) => Promise<LabelledRows> {
	const n = rest.labels.length;
	const width = sizeOf(rest.shape);
	return async (epoch) => {
		const features = new Float32Array(n * width);
		const rows = Uint32Array.from({ length: n }, (_, row) => row);
		const askAt = (start: number): AskedRows | undefined =>
			start < n ? ask(epoch, rows.subarray(start, start + PART)) : undefined;
		let next = askAt(0);
		for (let start = 0; next !== undefined; start += PART) {
			const asked: AskedRows = next;
			next = askAt(start + PART);
			try {
				features.set(await asked.take(), start * width);
			} catch (error) {
				next?.release();
				throw error;
			} finally {
				asked.release();
			}
		}
		return { ...rest, features };
	};
}
