import type { ClipOptions } from "../clip.ts";
import type { Matrix } from "./kernel/kernel.ts";

const { fround } = Math;

/**
 * What clipGradients (../clip.ts) does, on matrices and in place: cut off at clip_grad_value, then scaled by
 * min(1, max_norm / (norm + 1e-6)).
 */
export function clipMatrices(
	gradients: readonly Matrix[],
	{ clip_grad_norm, clip_grad_value }: ClipOptions,
): void {
	if (clip_grad_value !== undefined)
		for (const { data } of gradients)
			for (let at = 0; at < data.length; at++)
				data[at] = Math.min(
					Math.max(data[at], -clip_grad_value),
					clip_grad_value,
				);
	if (clip_grad_norm === undefined) return;
	let sum = 0;
	for (const gradient of gradients) sum = fround(sum + squares(gradient));
	const norm = fround(Math.sqrt(sum));
	const share = fround(fround(clip_grad_norm) / fround(norm + fround(1e-6)));
	if (share >= 1) return;
	for (const { data } of gradients)
		for (let at = 0; at < data.length; at++) data[at] *= share;
}

/** What lies between the rows is not counted. */
function squares({ data, rows, columns, stride }: Matrix): number {
	let sum = 0;
	for (let row = 0; row < rows; row++)
		for (let at = row * stride; at < row * stride + columns; at++)
			sum = fround(sum + fround(data[at] * data[at]));
	return sum;
}
