import type { FileHandle } from "node:fs/promises";

/**
 * Fills `into` from a position of the file; Node reads at most 2 GiB at once, so in pieces.
 * @returns bytes that were there: fewer than asked for where the file ends.
 */
export async function readFully(
	file: FileHandle,
	into: Uint8Array,
	position: number,
): Promise<number> {
	let done = 0;
	while (done < into.length) {
		const { bytesRead } = await file.read(
			into,
			done,
			Math.min(into.length - done, 1 << 30),
			position + done,
		);
		if (bytesRead === 0) break;
		done += bytesRead;
	}
	return done;
}
