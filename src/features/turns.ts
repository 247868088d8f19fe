import type { LabelledRows } from "./rows.ts";

/** Views of the train photos that are kept in the cache, each the rows of every so many epochs. */
export interface Turns {
	/** The first epoch that will be asked for, its rows, and the last. */
	readonly start: number;
	readonly first: LabelledRows;
	readonly epochs: number;
	/** Epochs take so many views in turn. */
	readonly views: number;
	readonly compute: (view: number) => Promise<LabelledRows>;
}

/** Views that are held at once take at most so many bytes; more are read anew in each turn. */
const MOST_HELD = 2 ** 30;

/** Which view an epoch takes, 1-based: they take turns; without views each epoch has its own. */
export function viewOf(epoch: number, views: number | undefined): number {
	return views === undefined ? epoch : ((epoch - 1) % views) + 1;
}

/** The rows of any epoch; those of the next are computed while one is trained on. */
export function takeTurns({
	start,
	first,
	epochs,
	views,
	compute,
}: Turns): (epoch: number) => Promise<LabelledRows> {
	const holds = first.features.byteLength * views <= MOST_HELD;
	const known = new Map<number, Promise<LabelledRows>>();
	known.set(viewOf(start, views), Promise.resolve(first));
	// One pass at a time.
	let last: Promise<unknown> = Promise.resolve();
	const rowsOf = (view: number): Promise<LabelledRows> => {
		const found = known.get(view);
		if (found !== undefined) return found;
		const rows = last.then(() => compute(view));
		// Its failure is met when that epoch asks for it.
		last = rows.catch(() => undefined);
		known.set(view, rows);
		return rows;
	};
	return async (epoch) => {
		const view = viewOf(epoch, views);
		const rows = await rowsOf(view);
		const next = viewOf(epoch + 1, views);
		if (!holds)
			for (const other of [...known.keys()])
				if (other !== view && other !== next) known.delete(other);
		if (epoch < epochs) void rowsOf(next);
		return rows;
	};
}
