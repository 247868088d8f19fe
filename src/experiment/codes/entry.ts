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
