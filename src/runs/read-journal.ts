import { readFileSync } from "node:fs";
import { RunError } from "../diagnostic.ts";
import { decodeNumber } from "./json.ts";
import type { JournalEvent, Metric } from "./types.ts";

/** A journal as it lies on the disk, damaged or not. */
export interface JournalContent {
	readonly events: readonly JournalEvent[];
	/** 1-based numbers of lines that are no events; a half last line is not counted: that is how a killed run ends. */
	readonly damagedLines: readonly number[];
}

/**
 * Reads all events in order, skipping what is damaged and event types of later versions.
 * @throws RunError "no-journal" when the file cannot be read.
 */
export function readJournal(path: string): JournalContent {
	const bytes = readBytes(path);
	const events: JournalEvent[] = [];
	const damagedLines: number[] = [];
	let start = 0;
	for (let number = 1; start < bytes.length; number++) {
		const newline = bytes.indexOf(0x0a, start);
		const end = newline === -1 ? bytes.length : newline;
		const event = parseEvent(bytes.toString("utf8", start, end));
		if (event !== undefined && event !== "unknown") events.push(event);
		else if (event === undefined && newline !== -1 && end > start)
			damagedLines.push(number);
		start = end + 1;
	}
	return { events, damagedLines };
}

function readBytes(path: string): Buffer {
	try {
		return readFileSync(path);
	} catch (error) {
		throw new RunError(
			"no-journal",
			`cannot read the journal ${path}: ${(error as Error).message}`,
			{ fix: "graft ls lists the runs there are", cause: error },
		);
	}
}

/** One line: an event, "unknown" for a type of a later version, undefined when damaged. */
export function parseEvent(line: string): JournalEvent | "unknown" | undefined {
	const value = parseObject(line);
	if (value === undefined) return undefined;
	if (typeof value.type !== "string" || !isTime(value.time)) return undefined;
	const isWhole = Object.hasOwn(SHAPES, value.type)
		? SHAPES[value.type as JournalEvent["type"]]
		: undefined;
	if (isWhole === undefined) return "unknown";
	if (!isWhole(value)) return undefined;
	if (value.type !== "metrics" && value.type !== "system")
		return value as unknown as JournalEvent;
	const metrics = decodeMetrics(value.metrics as readonly unknown[]);
	return metrics && ({ ...value, metrics } as unknown as JournalEvent);
}

type Fields = Readonly<Record<string, unknown>>;

/** What must be there for the fold to stand on. */
const SHAPES: Readonly<
	Record<JournalEvent["type"], (event: Fields) => boolean>
> = {
	start: (event) =>
		isText(event.runId) &&
		isText(event.name) &&
		isText(event.fingerprint) &&
		typeof event.pid === "number" &&
		(event.begin === undefined || isTime(event.begin)) &&
		isObject(event.experiment),
	environment: (event) =>
		isObject(event.environment) && isObject(event.environment.packages),
	data: (event) =>
		Array.isArray(event.classNames) &&
		event.classNames.every(isText) &&
		isObject(event.counts) &&
		Object.values(event.counts).every(Array.isArray) &&
		Array.isArray(event.corrupt) &&
		event.corrupt.every(isObject),
	phase: (event) =>
		isText(event.name) &&
		typeof event.seconds === "number" &&
		isObject(event.detail),
	metrics: (event) =>
		typeof event.epoch === "number" && Array.isArray(event.metrics),
	steps: (event) =>
		typeof event.epoch === "number" &&
		typeof event.first === "number" &&
		isNumbers(event.losses) &&
		isNumbers(event.learningRates) &&
		event.losses.length === event.learningRates.length,
	stop: (event) =>
		isText(event.reason) &&
		typeof event.epoch === "number" &&
		typeof event.lastEpoch === "number",
	system: (event) => Array.isArray(event.metrics),
	artifact: (event) => isText(event.path) && isText(event.sha256),
	warning: (event) => isText(event.code) && isText(event.message),
	end: (event) =>
		["FINISHED", "FAILED", "KILLED"].includes(event.status as string) &&
		(event.error === undefined || isObject(event.error)),
};

function decodeMetrics(list: readonly unknown[]): Metric[] | undefined {
	const metrics: Metric[] = [];
	for (const item of list) {
		const value = isObject(item) ? decodeNumber(item.value) : undefined;
		if (value === undefined || !isText((item as Fields).key)) return undefined;
		metrics.push({ ...(item as Metric), value });
	}
	return metrics;
}

function parseObject(line: string): Fields | undefined {
	try {
		const value: unknown = JSON.parse(line);
		return isObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

function isObject(value: unknown): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumbers(value: unknown): value is number[] {
	return (
		Array.isArray(value) && value.every((item) => typeof item === "number")
	);
}

function isTime(value: unknown): boolean {
	return isText(value) && !Number.isNaN(Date.parse(value));
}

function isText(value: unknown): value is string {
	return typeof value === "string";
}
