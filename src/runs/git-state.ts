import { execFile } from "node:child_process";
import type { Environment } from "./types.ts";

const STATUS = [
	"status",
	"--porcelain=v2",
	"--branch",
	"--untracked-files=no",
] as const;

/**
 * Commit, branch and whether tracked files differ from the commit, of the repository a folder lies in,
 * by one call of git. Undefined without git, outside a repository, or before its first commit; never rejects.
 */
export async function gitState(folder: string): Promise<Environment["git"]> {
	const stdout = await new Promise<string>((resolve) => {
		const options = {
			cwd: folder,
			timeout: 2000,
			maxBuffer: 64 * 2 ** 20,
			// Looking must not write: without this git refreshes the index of a repository others may be using.
			env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" },
		};
		execFile("git", STATUS, options, (error, text) =>
			resolve(error === null ? text : ""),
		);
	});
	const lines = stdout.split("\n").filter((line) => line !== "");
	const commit = header(lines, "# branch.oid ");
	const branch = header(lines, "# branch.head ");
	if (commit === undefined || commit === "(initial)") return undefined;
	return {
		commit,
		branch: branch ?? "(detached)",
		dirty: lines.some((line) => !line.startsWith("# ")),
	};
}

function header(lines: readonly string[], key: string): string | undefined {
	return lines.find((line) => line.startsWith(key))?.slice(key.length);
}
