import { readdirSync } from "node:fs";
import { cpus } from "node:os";
import { join, relative } from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

/**
 * Runs every test file in a process of its own and prints one line a file, every failure in full,
 * every skip with its reason, and a last line that a machine can read.
 *
 *   npm test [-- PART_OF_A_PATH …]
 *
 * Under GRAFT_TEST_ALL=1 a skipped test is a failure: no component may be missing.
 */
const folder = fileURLToPath(new URL(".", import.meta.url));
const wanted = process.argv.slice(2);
const files = testFiles(folder).filter(
	(file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
);

interface Outcome {
	readonly name: string;
	readonly file: string;
	readonly detail: string;
}

const failures: Outcome[] = [];
const skips: Outcome[] = [];
let passed = 0;

const stream = run({
	files,
	concurrency: Math.max(1, cpus().length),
	timeout: 600_000,
});
stream.on("test:pass", (event) => {
	if (isFile(event.name)) return;
	if (event.skip !== undefined) skips.push(outcome(event, String(event.skip)));
	else if (event.details.type !== "suite") passed++;
});
stream.on("test:fail", (event) => {
	const error = event.details.error;
	const cause =
		error.cause instanceof Error
			? (error.cause.stack ?? error.cause.message)
			: String(error.cause ?? error.message);
	if (
		isFile(event.name) &&
		failures.some((failure) => failure.file === event.file)
	)
		return;
	failures.push(outcome(event, cause));
	console.log(`✖ ${relative(folder, event.file ?? event.name)}: ${event.name}`);
});
stream.on("test:complete", (event) => {
	if (isFile(event.name))
		console.log(
			`  ${relative(folder, event.name)}  ${(event.details.duration_ms / 1000).toFixed(1)} s`,
		);
});
stream.on("test:stderr", (event) => {
	if (wanted.length > 0) process.stderr.write(event.message);
});
stream.on("test:stdout", (event) => {
	if (wanted.length > 0) process.stdout.write(event.message);
});

for await (const _ of stream) {
	// Draining the stream is what runs the tests.
}
summarize();

function summarize(): void {
	for (const { name, file, detail } of failures)
		console.log(`\n✖ ${file}: ${name}\n${detail}`);
	if (skips.length > 0)
		console.log("\nskipped, because a real component is missing:");
	for (const { name, file, detail } of skips)
		console.log(`  ${file}: ${name} (${detail})`);
	const strict = process.env.GRAFT_TEST_ALL === "1";
	const failed = failures.length + (strict ? skips.length : 0);
	if (strict && skips.length > 0)
		console.log("GRAFT_TEST_ALL=1: each skip counts as a failure");
	console.log(
		`\n${passed} passed, ${failed} failed, ${strict ? 0 : skips.length} skipped`,
	);
	process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

function outcome(
	event: { name: string; file?: string | undefined },
	detail: string,
): Outcome {
	return { name: event.name, file: relative(folder, event.file ?? ""), detail };
}

/** node:test reports each file as a test named by its path. */
function isFile(name: string): boolean {
	return name.endsWith(".test.ts");
}

function testFiles(start: string): string[] {
	return readdirSync(start, { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
		.map((entry) => join(entry.parentPath, entry.name))
		.sort();
}
