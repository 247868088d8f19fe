/**
 * Where one axis is cut, https://onnx.ai/onnx/operators/onnx__Slice.html: negative places count from the end, and all
 * are clamped.
 * @returns the first place and how many there are, `step` apart
 */
export function cutOf(
	size: number,
	start: number,
	end: number,
	step: number,
): { readonly from: number; readonly count: number } {
	const clamp = (at: number, low: number, high: number) =>
		Math.min(Math.max(at < 0 ? at + size : at, low), high);
	const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
	const from = clamp(start, 0, high);
	const to = clamp(end, low, high);
	return { from, count: Math.max(0, Math.ceil((to - from) / step)) };
}

/** The same as a list of places. */
export function placesOf(
	size: number,
	start: number,
	end: number,
	step: number,
): readonly number[] {
	const { from, count } = cutOf(size, start, end, step);
	return Array.from({ length: count }, (_, index) => from + index * step);
}
