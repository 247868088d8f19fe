/** Names whose values are secrets as far as a name can tell. */
const SECRET =
	/TOKEN|SECRET|PASSW|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE|_AUTH$|COOKIE/i;

/** `https://user:password@host` */
const URL_WITH_PASSWORD = /:\/\/[^/\s:@]+:[^/\s@]+@/;

/**
 * The environment that jobs get: the submitter's own (PATH, modules, Python's environments), without secrets, for Slurm
 * keeps it on its disks and shows it to whoever may look at the job; and without the numbers of the job
 * that submits, where a job does.
 */
export function jobEnvironment(
	env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
	const kept = Object.entries(env).filter(
		(entry): entry is [string, string] => {
			const [name, value] = entry;
			if (value === undefined) return false;
			if (/^SLURM_/.test(name)) return /^SLURM_(CONF|CLUSTERS)$/.test(name);
			if (name === "CUDA_VISIBLE_DEVICES") return false;
			return !SECRET.test(name) && !URL_WITH_PASSWORD.test(value);
		},
	);
	return Object.fromEntries(kept);
}
