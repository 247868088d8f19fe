import { toMlflowPath } from "./names.ts";
import type { Contents, Held, Point } from "./types.ts";

/** Pure: what a server still lacks. Sending it and asking again is the whole of replay. */

/** The largest double: what MLflow's database holds for an infinity. */
const LARGEST = Number.MAX_VALUE;

/** A point as it can be compared with what the server answers. */
export function pointName({ key, value, step, timestamp }: Point): string {
	const stored = Math.min(Math.max(value, -LARGEST), LARGEST);
	return `${step} ${timestamp} ${stored} ${key}`;
}

/** What `wanted` holds and the server does not; a param that is there with another value is not among it. */
export function missingFrom(held: Held, wanted: Contents): Contents {
	const lacks =
		(there: ReadonlyMap<string, string>) =>
		([key]: readonly [string, string]) =>
			!there.has(key);
	return {
		params: new Map([...wanted.params].filter(lacks(held.params))),
		// A tag that is there may have been written anew by a person: it stays.
		tags: new Map([...wanted.tags].filter(lacks(held.tags))),
		points: wanted.points.filter((point) => !held.points.has(pointName(point))),
		datasets: wanted.datasets.filter(
			({ name, digest }) => !held.datasets.has(`${name} ${digest}`),
		),
		artifacts: wanted.artifacts.filter(
			({ path, size, isChanged }) =>
				isChanged || held.artifacts.get(toMlflowPath(path)) !== size,
		),
	};
}

/** Keys of params that are on the server with another value: MLflow never changes a param. */
export function clashes(held: Held, wanted: Contents): string[] {
	return [...wanted.params]
		.filter(([key, value]) => (held.params.get(key) ?? value) !== value)
		.map(([key]) => key);
}

/** What the server holds once `sent` has arrived. */
export function withSent(held: Held, sent: Contents): Held {
	return {
		...held,
		params: new Map([...held.params, ...sent.params]),
		tags: new Map([...held.tags, ...sent.tags]),
		points: new Set([...held.points, ...sent.points.map(pointName)]),
		datasets: new Set([
			...held.datasets,
			...sent.datasets.map(({ name, digest }) => `${name} ${digest}`),
		]),
		artifacts: new Map([
			...held.artifacts,
			...sent.artifacts.map(
				({ path, size }) => [toMlflowPath(path), size] as const,
			),
		]),
	};
}

/** Bytes of a request's values; the server takes 1 MB. */
const MOST_BYTES = 500_000;

/** Items a request each: at most `most`, and no more than fit. */
export function batches<T>(
	items: readonly T[],
	most: number,
	bytesOf: (item: T) => number = () => 0,
): T[][] {
	const found: T[][] = [];
	let batch: T[] = [];
	let bytes = 0;
	for (const item of items) {
		const size = bytesOf(item);
		if (batch.length === most || bytes + size > MOST_BYTES) {
			if (batch.length > 0) found.push(batch);
			batch = [];
			bytes = 0;
		}
		batch.push(item);
		bytes += size;
	}
	return batch.length > 0 ? [...found, batch] : found;
}
