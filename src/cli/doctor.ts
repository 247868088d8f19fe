import { EXIT } from "../diagnostic.ts";
import type { Options } from "./arguments.ts";
import type { Io } from "./io.ts";

/** `graft doctor`: what this machine has. */
export async function doctor(_options: Options, _io: Io): Promise<number> {
	return EXIT.ok;
}
