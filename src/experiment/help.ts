/** What `graft help WORD` says about a key, a transform or an error code; undefined where there is none. */
export function helpFor(_word: string): string | undefined {
	return undefined;
}

/** Every word that `helpFor` knows. */
export function helpIndex(): readonly string[] {
	return [];
}
