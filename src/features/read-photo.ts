import { readFile } from "node:fs/promises";
import { RunError } from "../diagnostic.ts";
import type { Job, Trouble } from "./messages.ts";

/** The file's bytes. @throws RunError "photo-unreadable" */
export async function readPhoto({ file }: Job): Promise<Uint8Array> {
	try {
		return await readFile(file);
	} catch (cause) {
		throw new RunError(
			"photo-unreadable",
			`it cannot be read: ${(cause as Error).message}`,
			{ fix: "check that the file is there, and its permissions", cause },
		);
	}
}

/** An error in words that another thread can be given. @param row undefined where it is the network's */
export function failureOf(error: unknown, row: number | undefined): Trouble {
	const { message } = error as Error;
	return error instanceof RunError
		? { type: "failed", row, code: error.code, message, fix: error.fix }
		: { type: "failed", row, code: "internal", message, fix: undefined };
}
