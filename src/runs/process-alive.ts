import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Whether the process that writes a journal still lives. */

/** What a journal's start says of its process. */
export interface ProcessMark {
	readonly pid: number;
	readonly host?: string;
	readonly processStart?: string;
}

/** Host and start mark of a process on this machine; the mark is undefined where the system does not tell. */
export function markProcess(pid: number): ProcessMark {
	const processStart = startMark(pid);
	return {
		pid,
		host: hostname(),
		...(processStart === undefined ? {} : { processStart }),
	};
}

/**
 * True when the process is known to be gone: only the machine it ran on can know, and on Linux a
 * process id that was given to another process since, a zombie, or a restart of the machine, counts as gone.
 */
export function isGone(mark: ProcessMark): boolean {
	if (mark.host !== undefined && mark.host !== hostname()) return false;
	if (mark.processStart !== undefined) {
		const namespace = pidNamespace();
		if (namespace === undefined || !mark.processStart.startsWith(namespace))
			return false;
		return startMark(mark.pid) !== mark.processStart;
	}
	try {
		process.kill(mark.pid, 0);
		return false;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "ESRCH";
	}
}

/**
 * "<pid namespace> <boot id> <clock ticks from boot to the process's start>"; two containers with one host
 * name have different namespaces, so neither takes the other's processes for its own.
 * Source: proc(5), field 22 of /proc/<pid>/stat, counted after the command's closing parenthesis.
 */
function startMark(pid: number): string | undefined {
	const namespace = pidNamespace();
	if (namespace === undefined) return undefined;
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		// A zombie has ended and waits for a parent that may never ask, as in a container without an init.
		if (fields[0] === "Z" || fields[0] === "X") return undefined;
		const ticks = fields[19];
		const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
		return `${namespace} ${boot} ${ticks}`;
	} catch {
		return undefined;
	}
}

function pidNamespace(): string | undefined {
	try {
		return readlinkSync("/proc/self/ns/pid");
	} catch {
		return undefined;
	}
}
