import { RunError } from "../diagnostic.ts";

/**
 * A photo that cannot be decoded. `reason` is one plain sentence without the file's name ("the file is
 * empty (zero bytes)"), so that whoever knows the path can say both.
 */
export class CorruptPhoto extends RunError {
	readonly reason: string;

	constructor(reason: string, options: { cause?: unknown } = {}) {
		super("corrupt-photo", `a photo cannot be decoded: ${reason}`, {
			fix: "replace or remove the file, or set data.on_corrupt to skip or quarantine",
			...options,
		});
		this.name = "CorruptPhoto";
		this.reason = reason;
	}
}
