import { tmpdir } from "node:os";
import { join } from "node:path";
import { needs } from "../support/needs.ts";
import { graft } from "./process.ts";

const FILE = "experiments/sweep-strategies.yaml";

/** What `graft compare --format json` says of a point of the grid. */
interface Point {
	readonly params: { readonly strategy: string; readonly transforms: string };
	readonly mean: number;
	/** 0 … 1. */
	readonly interval: { readonly low: number; readonly high: number };
}

/**
 * The README's table of four strategies and three transform policies on the embedded photos: valid accuracy, and its
 * interval for so few photos (Wilson, 95 %). Whole networks train on native TensorFlow where it is (GRAFT_TEST_NATIVE),
 * else on wasm, which takes an hour; a bench that was killed goes on with what is missing.
 */
export async function strategies(): Promise<void> {
	const folder = join(tmpdir(), "graft-bench-strategies");
	const native = needs("native");
	const env = {
		GRAFT_RUNS: join(folder, "runs"),
		GRAFT_CACHE: join(folder, "cache"),
		...(native.missing ? {} : { GRAFT_NATIVE: native.path }),
	};
	if (native.missing) console.log(`on wasm; ${native.missing}`);
	await graft(["run", FILE, "--format", "json"], env);
	const compared = await graft(["compare", "latest", "--format", "json"], env);
	const { points } = JSON.parse(compared.stdout) as { points: Point[] };
	console.log(table(points));
}

/** Rows are strategies, columns policies; Markdown. */
function table(points: readonly Point[]): string {
	const unique = (key: "strategy" | "transforms") => [
		...new Set(points.map(({ params }) => params[key])),
	];
	const columns = unique("transforms").sort();
	const percent = (share: number) => (100 * share).toFixed(1);
	const cell = (strategy: string, transforms: string) => {
		const point = points.find(
			({ params }) =>
				params.strategy === strategy && params.transforms === transforms,
		);
		if (point === undefined) return "–";
		const { low, high } = point.interval;
		return `${percent(point.mean)} (${percent(low)} to ${percent(high)})`;
	};
	return [
		["strategy", ...columns],
		["---", ...columns.map(() => "---")],
		...unique("strategy")
			.sort()
			.map((strategy) => [
				`\`${strategy}\``,
				...columns.map((column) => cell(strategy, column)),
			]),
	]
		.map((cells) => `| ${cells.join(" | ")} |`)
		.join("\n");
}
