import { execFile } from "node:child_process";
import { statfsSync } from "node:fs";
import { cpus, freemem, totalmem } from "node:os";
import type { Metric } from "./types.ts";

/**
 * What the machine does while a run goes on, by MLflow's names. A timer of the run's own process looks now and
 * then; nvidia-smi is asked beside it, never waited for. MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING=false turns it off,
 * MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL says how many seconds lie between two looks.
 */
export interface SystemMetrics {
	readonly stop: () => void;
}

/** Seconds between two looks: MLflow's. */
const INTERVAL = 10;
/** Looks at one interval; after as many, the interval doubles, so that a run of a month has some thousand. */
const LOOKS = 360;
const MEGABYTE = 1e6;

type Variables = Readonly<Record<string, string | undefined>>;

/** Calls `onSample` with what was seen; steps count the looks. @param first the first look's step: more than 0 where a run goes on */
export function watchSystem(
	folder: string,
	onSample: (metrics: readonly Metric[]) => void,
	env: Variables = process.env,
	first = 0,
): SystemMetrics {
	const seconds = intervalOf(env);
	if (seconds === undefined) return { stop: () => undefined };
	let interval = seconds * 1000;
	let before = cpuTimes();
	let step = first;
	let hasGpu = true;
	let isStopped = false;
	let timer: NodeJS.Timeout;

	function sample(): void {
		const now = cpuTimes();
		const machine = machineMetrics(before, now, folder);
		before = now;
		const timestamp = Date.now();
		const at = step++;
		const tell = (values: Readonly<Record<string, number>>) => {
			const metrics = Object.entries(values).map(([name, value]) => ({
				...{ key: `system/${name}`, value, step: at, timestamp },
			}));
			if (!isStopped && metrics.length > 0) onSample(metrics);
		};
		tell(machine);
		if (hasGpu)
			askGpus((gpus) => {
				hasGpu = gpus !== undefined;
				tell(gpus ?? {});
			});
		if ((step - first) % LOOKS === 0) interval *= 2;
		next();
	}

	function next(): void {
		timer = setTimeout(sample, interval);
		timer.unref();
	}

	next();
	return {
		stop: () => {
			isStopped = true;
			clearTimeout(timer);
		},
	};
}

/** Seconds; undefined: not at all. */
function intervalOf(env: Variables): number | undefined {
	const isWanted = env.MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING ?? "true";
	if (!["true", "1"].includes(isWanted.toLowerCase())) return undefined;
	const seconds = Number(env.MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL);
	return seconds >= 0.1 ? seconds : INTERVAL;
}

interface CpuTimes {
	readonly busy: number;
	readonly all: number;
}

/** ms of all cores since the machine started. */
function cpuTimes(): CpuTimes {
	let busy = 0;
	let all = 0;
	for (const { times } of cpus()) {
		const { user, nice, sys, idle, irq } = times;
		busy += user + nice + sys + irq;
		all += user + nice + sys + irq + idle;
	}
	return { busy, all };
}

function machineMetrics(
	before: CpuTimes,
	now: CpuTimes,
	folder: string,
): Record<string, number> {
	const share = (now.busy - before.busy) / Math.max(1, now.all - before.all);
	const used = totalmem() - freemem();
	return {
		cpu_utilization_percentage: oneDigit(100 * share),
		system_memory_usage_megabytes: oneDigit(used / MEGABYTE),
		system_memory_usage_percentage: oneDigit((100 * used) / totalmem()),
		process_memory_usage_megabytes: oneDigit(
			process.memoryUsage.rss() / MEGABYTE,
		),
		...diskMetrics(folder),
	};
}

/** The disk that the runs are on. */
function diskMetrics(folder: string): Record<string, number> {
	try {
		const { blocks, bavail, bsize } = statfsSync(folder);
		const used = (blocks - bavail) * bsize;
		return {
			disk_usage_percentage: oneDigit((100 * used) / (blocks * bsize)),
			disk_usage_megabytes: oneDigit(used / MEGABYTE),
			disk_available_megabytes: oneDigit((bavail * bsize) / MEGABYTE),
		};
	} catch {
		return {};
	}
}

/** Answers undefined where there is no nvidia-smi, or it fails. */
function askGpus(
	tell: (gpus: Record<string, number> | undefined) => void,
): void {
	const query = "index,utilization.gpu,memory.used,memory.total,power.draw";
	execFile(
		"nvidia-smi",
		[`--query-gpu=${query}`, "--format=csv,noheader,nounits"],
		{ timeout: 5000, windowsHide: true },
		(error, stdout) => tell(error ? undefined : gpuMetrics(stdout)),
	).unref();
}

/** nvidia-smi's lines: `0, 87, 10240, 81559, 310.25`; "[N/A]" is left out. MiB as MLflow's megabytes. */
export function gpuMetrics(csv: string): Record<string, number> {
	const found: Record<string, number> = {};
	for (const line of csv.split("\n")) {
		const [index, ...rest] = line.split(",").map((cell) => cell.trim());
		if (!index) continue;
		const [busy, used, total, watts] = rest.map(Number);
		const values = {
			utilization_percentage: busy,
			memory_usage_megabytes: (used as number) * 1.048576,
			memory_usage_percentage: (100 * (used as number)) / (total as number),
			power_usage_watts: watts,
		};
		for (const [name, value] of Object.entries(values))
			if (Number.isFinite(value))
				found[`gpu_${index}_${name}`] = oneDigit(value as number);
	}
	return found;
}

function oneDigit(value: number): number {
	return Math.round(value * 10) / 10;
}
