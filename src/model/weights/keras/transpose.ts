/** Keras keeps a layer's outputs last, torch first: kernels are turned piece by piece while they are read. */

/** Tiles of this side stay in the processor's first cache. */
const TILE = 32;

/**
 * Puts rows of a matrix [rows, columns] into its transpose [columns, rows].
 * @param values whole rows, the first of which is row `from`
 * @param places where each row's values go within a row of the transpose
 */
export function putTransposed(
	into: Float32Array,
	values: ArrayLike<number>,
	from: number,
	columns: number,
	places: Int32Array,
): void {
	const rows = values.length / columns;
	const width = places.length;
	for (let top = 0; top < rows; top += TILE) {
		const bottom = Math.min(rows, top + TILE);
		for (let left = 0; left < columns; left += TILE) {
			const right = Math.min(columns, left + TILE);
			for (let column = left; column < right; column++)
				for (let row = top; row < bottom; row++)
					into[column * width + (places[from + row] as number)] = values[
						row * columns + column
					] as number;
		}
	}
}

/** Rows are (place, channel), torch wants (channel, place): 3x3 kernels, and what was flattened from [h, w, c]. */
export function channelsFirst(places: number, channels: number): Int32Array {
	const found = new Int32Array(places * channels);
	for (let place = 0; place < places; place++)
		for (let channel = 0; channel < channels; channel++)
			found[place * channels + channel] = channel * places + place;
	return found;
}
