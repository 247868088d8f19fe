import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** How far two arrays are apart, as `apart` in common.py measures it. */
export interface Apart {
	/** Largest absolute difference. */
	readonly max: number;
	/** Mean absolute difference. */
	readonly mean: number;
	/** Largest absolute difference in units of the largest expected value. */
	readonly relative: number;
	/** The least cosine of two rows. */
	readonly cosine: number;
}

/** Runs a script beside this file with one JSON argument; answers its last line, JSON. */
export async function python<T>(
	path: string,
	script: string,
	request: unknown,
): Promise<T> {
	const { stdout } = await promisify(execFile)(
		path,
		[join(import.meta.dirname, script), JSON.stringify(request)],
		{
			env: {
				...process.env,
				PYTHONDONTWRITEBYTECODE: "1",
				OMP_NUM_THREADS: "1",
			},
			maxBuffer: 64 * 1024 * 1024,
		},
	);
	const line = stdout.trimEnd().split("\n").at(-1) as string;
	return JSON.parse(line) as T;
}
