import { extname } from "node:path";
import { RunError } from "../../diagnostic.ts";
import { printable } from "../../text.ts";

/** Names for what is no file of weights, so that nobody has to guess what came in its place. */

type Rule = readonly [(file: Begin) => boolean, (file: Begin) => string];

/** The first bytes of a file: one character a byte, and the text without space around it. */
interface Begin {
	readonly bytes: string;
	readonly text: string;
	readonly path: string;
}

const begins =
	(...magic: readonly string[]) =>
	({ bytes }: Begin) =>
		magic.some((start) => bytes.startsWith(start));

/** The first that fits. https://en.wikipedia.org/wiki/List_of_file_signatures */
const RULES: readonly Rule[] = [
	[({ bytes }) => bytes === "", () => "empty"],
	[
		begins("version https://git-lfs"),
		() => "a Git LFS pointer, not the file itself (git lfs pull fetches it)",
	],
	[
		({ text }) => text.startsWith("<"),
		({ text }) => `a web page ("${shown(text)}…")`,
	],
	[
		({ path }) => /\.onnx$/i.test(path),
		() =>
			"an ONNX network, which brings its own weights (backbone: { onnx: … })",
	],
	[
		({ bytes }) => bytes.slice(257, 262) === "ustar",
		() => "a tar archive, as PyTorch wrote it before 0.2",
	],
	[begins("\x1f\x8b"), () => "compressed with gzip (gunzip unpacks it)"],
	[
		begins("BZh", "\xfd7zXZ", "\x28\xb5\x2f\xfd", "7z\xbc\xaf", "Rar!"),
		() => "compressed (unpack it first)",
	],
	[
		({ bytes }) => bytes.slice(4, 8) === "TFL3",
		() => "a TensorFlow Lite model",
	],
	[begins("\x93NUMPY"), () => "a NumPy array"],
	[begins("\x89PNG", "\xff\xd8\xff", "GIF8", "RIFF"), () => "a picture"],
	[begins("%PDF"), () => "a PDF document"],
	[begins("\x7fELF", "MZ"), () => "a program"],
	[
		({ text }) => /^[\t\n\r -~]{4,}$/.test(text),
		({ text }) => `a text ("${shown(text)}${text.length > SHOWN ? "…" : ""}")`,
	],
];

const SHOWN = 40;

function shown(text: string): string {
	return printable(text.slice(0, SHOWN));
}

/**
 * "weights-unreadable" for a file that is known not to hold weights; undefined where it may be a .safetensors file.
 * @param start its first 512 bytes
 */
export function otherFormat(
	start: Uint8Array,
	path: string,
): RunError | undefined {
	const bytes = Buffer.from(start).toString("latin1");
	// The length of the header, then the header: { "name": … }
	const isSafetensors = bytes.slice(4, 8) === "\0\0\0\0" && bytes[8] === "{";
	if (isSafetensors) return undefined;
	const file = { bytes, text: bytes.trim(), path };
	const rule = RULES.find(([fits]) => fits(file));
	if (rule !== undefined) return unreadable(path, `is ${rule[1](file)}`);
	// Whatever is wrong with it, the reader of the format that it is named after says it best.
	if (/\.safetensors$/i.test(path)) return undefined;
	const first = Buffer.from(start.subarray(0, 8)).toString("hex");
	const named = NAMED[extname(path).toLowerCase()];
	return unreadable(
		path,
		`is no file of weights: it begins with the bytes ${first.replace(/(..)(?=.)/g, "$1 ")}${named === undefined ? "" : `, ${named}`}`,
	);
}

const ZIP = "50 4b 03 04 (zip)";

/** How files of these names begin. */
const NAMED: Readonly<Record<string, string>> = {
	".pth": `a .pth file of PyTorch with ${ZIP} or, before 1.6, with 80 02 (pickle)`,
	".pt": `a .pt file of PyTorch with ${ZIP} or, before 1.6, with 80 02 (pickle)`,
	".bin": `a .bin file of PyTorch with ${ZIP} or, before 1.6, with 80 02 (pickle)`,
	".h5": "a Keras .h5 file with 89 48 44 46 (HDF5)",
	".hdf5": "a Keras .hdf5 file with 89 48 44 46 (HDF5)",
	".keras": `a .keras file with ${ZIP}`,
};

function unreadable(path: string, what: string): RunError {
	return new RunError(
		"weights-unreadable",
		`${path} ${what}; .safetensors files, model.safetensors.index.json, PyTorch's .pth, Keras's .h5 and .keras and TensorFlow.js's model.json are read`,
		{
			fix: 'fetch it again, or write it anew, in Python: safetensors.torch.save_file(model.state_dict(), "weights.safetensors")',
		},
	);
}
