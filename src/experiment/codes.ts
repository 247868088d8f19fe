import { dataCodes } from "./codes/data.ts";
import { fileCodes } from "./codes/file.ts";
import { keyCodes } from "./codes/keys.ts";
import { planCodes } from "./codes/plan.ts";
import { ruleCodes } from "./codes/rules.ts";
import { runCodes } from "./codes/run.ts";
import { transformCodes } from "./codes/transforms.ts";

/** What `graft help CODE` says about an error. */
export interface CodeEntry {
	/** One sentence: what is wrong. */
	readonly title: string;
	/** Why it matters and what to do. */
	readonly explanation: string;
	/** A piece of a file, or a command, that gives the error. */
	readonly wrong?: string;
	/** The same, put right. */
	readonly right?: string;
}

/** Every code of every room; a test holds that none is missing. */
export const codes: Readonly<Record<string, CodeEntry>> = {
	...fileCodes,
	...keyCodes,
	...ruleCodes,
	...transformCodes,
	...dataCodes,
	...planCodes,
	...runCodes,
};
