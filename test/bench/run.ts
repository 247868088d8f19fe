import { cpus } from "node:os";
import { checks } from "./checks.ts";
import { classical } from "./classical.ts";
import { commands } from "./commands.ts";
import { extraction } from "./extraction.ts";
import { loop } from "./loop.ts";
import { mlflow } from "./mlflow.ts";
import { pixels } from "./pixels.ts";
import { precision } from "./precision.ts";
import { strategies } from "./strategies.ts";
import { suffix } from "./suffix.ts";
import { sweep } from "./sweep.ts";

/**
 * The README's numbers, measured side by side in one run on this machine:
 *
 *   npm run bench [-- PART …]     parts: commands, pixels, extraction, precision, suffix, loop, sweep, mlflow, classical, checks, strategies
 *
 * `strategies` trains on native TensorFlow where it is, `suffix` needs PyTorch and native TensorFlow (GRAFT_TEST_NATIVE); `precision`, `loop` and `sweep` need PyTorch with timm (GRAFT_TEST_PYTHON) and take minutes; without it they say so and leave it out.
 */
const PARTS = {
	commands,
	pixels,
	extraction,
	precision,
	suffix,
	loop,
	sweep,
	mlflow,
	classical,
	checks,
	strategies,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
	console.error(
		`bench: no part "${unknown[0]}"; the parts are ${Object.keys(PARTS).join(", ")}`,
	);
	process.exit(2);
}
const date = new Date().toISOString().slice(0, 10);
console.log(
	`${date}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}\n`,
);
for (const [name, part] of Object.entries(PARTS)) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	console.log(`== ${name}`);
	await part();
	console.log();
}
