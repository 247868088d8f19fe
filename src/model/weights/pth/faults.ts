import { RunError } from "../../../diagnostic.ts";
import { printable } from "../../../text.ts";

/** A pickle that is not well formed; the reader of the file adds its path. */
export class BadPickle extends Error {}

/** A pickle that asks for something that is no part of a state_dict; `asked` is its name. */
export class RefusedPickle extends Error {
	readonly asked: string;

	constructor(asked: string) {
		super(asked);
		this.asked = asked;
	}
}

/** The faults of a file's inner parts as errors that name the file; any other error is passed on. */
export function faultOf(error: unknown, path: string): unknown {
	if (error instanceof RefusedPickle)
		return new RunError(
			"weights-pickle",
			`${path} asks for ${printable(error.asked)}, which no file of weights needs: it was refused, and nothing of the file was run`,
			{
				fix: `save weights alone, not a whole model, optimizer or arguments: torch.save(model.state_dict(), "weights.pth"), or safetensors.torch.save_file(model.state_dict(), "weights.safetensors"); if you do not know where the file is from, do not load it in Python`,
			},
		);
	if (error instanceof BadPickle) return unreadable(path, error.message, error);
	return error;
}

/** "weights-unreadable": the file is no whole .pth file. */
export function unreadable(
	path: string,
	what: string,
	cause?: unknown,
): RunError {
	return new RunError(
		"weights-unreadable",
		`${path} is not a whole PyTorch weights file: ${printable(what)}`,
		{ fix: "fetch or write the weights file again", cause },
	);
}
