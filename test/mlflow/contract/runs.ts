import type {
	Artifact,
	Contents,
	Point,
	RunContents,
} from "../../../src/mlflow/types.ts";

/** Runs to send, as a replay has them. */

/** A finished run that holds nothing but `more`. */
export function runOf(name: string, more: Partial<Contents>): RunContents {
	const identity = { runId: name, started: "2026-11-24T09:00:00.000Z" };
	const { tags = new Map(), ...rest } = more;
	return {
		...{ runName: name, experimentName: "contract", identity, user: "ada" },
		...{ startTime: START, endTime: START + 5000, status: "FINISHED" },
		...{ params: new Map(), points: [], datasets: [], artifacts: [] },
		...rest,
		...{ parent: undefined, models: [] },
		tags: new Map([
			["graft.run_id", identity.runId],
			["graft.started", identity.started],
			...tags,
		]),
	};
}

export const START = Date.UTC(2026, 10, 24, 9);

export function pointAt(
	step: number,
	value: number,
	key = "valid/loss",
): Point {
	return { key, value, step, timestamp: START + 1 };
}

export function textFile(path: string, text: string): Artifact {
	return { path, size: Buffer.byteLength(text), content: { text } };
}
