import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

/** The structure of src/, held by a test: order of rooms, one door a library, no cycles, small files. */

const root = fileURLToPath(new URL("../", import.meta.url));
const source = join(root, "src");

/** A room may import itself and those on earlier lines; `data` and `model` share a line and ignore each other. */
const ORDER: readonly (readonly string[])[] = [
	["make-folder.ts"],
	[
		"diagnostic.ts",
		"fingerprint.ts",
		"random.ts",
		"paths.ts",
		"text.ts",
		"write-whole.ts",
	],
	["diagnostic-print.ts"],
	["versions.ts"],
	["experiment"],
	["data", "model"],
	["plan"],
	["engine"],
	["features"],
	["train"],
	["checks"],
	["runs"],
	["mlflow"],
	["prepare-backbone.ts", "prepare-suffix.ts", "check-device.ts"],
	["prepare.ts"],
	["ask.ts"],
	["agree.ts"],
	["run-phases.ts"],
	["run.ts", "check-data.ts", "crossval.ts", "find-lr.ts", "trained.ts"],
	["explain.ts", "finalize.ts", "predict.ts", "reproduce.ts"],
	["report-extras.ts"],
	["export"],
	["strategy"],
	["init"],
	["gate.ts"],
	["run-stacked.ts"],
	["sweep"],
	["cli"],
	["main.ts"],
];

/** Library → the only places that may import it. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
	yaml: ["experiment/"],
	ajv: [],
	sharp: ["data/decode.ts", "data/preview", "data/thumbnail.ts"],
	"@bufbuild/protobuf": ["model/onnx/", "mlflow/"],
	"onnxruntime-node": ["engine/ort.ts"],
	"@tensorflow/tfjs-core": ["engine/", "train/", "export/web/browser/"],
	"@tensorflow/tfjs-backend-wasm": ["engine/backend", "export/web/browser/"],
	"@tensorflow/tfjs-backend-cpu": ["engine/backend", "export/web/browser/"],
	"@tensorflow/tfjs-backend-webgl": ["export/web/browser/"],
	"@tensorflow/tfjs-converter": ["export/tfjs", "export/web/browser/"],
	h5wasm: ["model/weights/keras/"],
	execa: ["sweep/", "cli/setup.ts"],
};

interface Import {
	readonly from: string;
	/** Relative to src/, or a library's name. */
	readonly to: string;
	readonly isLocal: boolean;
	readonly isTypeOnly: boolean;
	readonly isDynamic: boolean;
}

const files = readdirSync(source, { withFileTypes: true, recursive: true })
	.filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
	.map((entry) => relative(source, join(entry.parentPath, entry.name)))
	.sort();
const isGenerated = (file: string) => /\.gen\.ts$|(^|\/)gen\//.test(file);
const imports = files.flatMap(importsOf);

test("rooms import only earlier rooms", () => {
	const wrong = imports
		.filter(({ isLocal }) => isLocal)
		.filter(({ from, to }) => {
			const [a, b] = [roomOf(from), roomOf(to)];
			if (a === b) return false;
			return rankOf(b) >= rankOf(a);
		})
		.map(({ from, to }) => `${from} imports ${to}`);
	assert.deepEqual(wrong, []);
});

test("each library has its one door", () => {
	const wrong = imports
		.filter(({ isLocal, to }) => !isLocal && DOORS[packageOf(to)] !== undefined)
		.filter(
			({ from, to }) =>
				!DOORS[packageOf(to)]?.some((door) => from.startsWith(door)),
		)
		.map(({ from, to }) => `${from} imports ${to}`);
	assert.deepEqual(wrong, []);
});

test("no import cycles", () => {
	const edges = new Map<string, string[]>();
	for (const { from, to, isLocal, isTypeOnly } of imports) {
		if (isLocal && !isTypeOnly)
			edges.set(from, [...(edges.get(from) ?? []), to]);
	}
	const done = new Set<string>();
	const visit = (file: string, trail: readonly string[]): void => {
		assert.ok(
			!trail.includes(file),
			`cycle: ${[...trail.slice(trail.indexOf(file)), file].join(" → ")}`,
		);
		if (done.has(file)) return;
		for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
		done.add(file);
	};
	for (const file of files) visit(file, []);
});

test("check and plan load neither sharp, onnxruntime nor tfjs", () => {
	for (const entry of ["cli/check.ts", "cli/plan.ts"]) {
		const heavy = staticallyReached(entry).filter((name) =>
			/^(sharp|onnxruntime-node|@tensorflow\/)/.test(name),
		);
		assert.deepEqual(heavy, [], `${entry} reaches them`);
	}
});

test("no file of the source is longer than 300 lines", () => {
	const long = files
		.filter((file) => !isGenerated(file))
		.map((file) => ({
			file,
			lines: readFileSync(join(source, file), "utf8").split("\n").length - 1,
		}))
		.filter(({ lines }) => lines > 300);
	assert.deepEqual(long, []);
});

function importsOf(file: string): Import[] {
	const text = readFileSync(join(source, file), "utf8");
	const found: Import[] = [];
	const pattern =
		/(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|import\(\s*"([^"]+)"\s*\)/g;
	for (const [, type, fixed, dynamic] of text.matchAll(pattern)) {
		const name = fixed ?? dynamic ?? "";
		if (name.startsWith("node:") || name.endsWith(".json")) continue;
		const isLocal = name.startsWith(".");
		found.push({
			from: file,
			to: isLocal
				? relative(source, resolve(source, dirname(file), name))
				: name,
			isLocal,
			isTypeOnly: type !== undefined,
			isDynamic: dynamic !== undefined,
		});
	}
	return found;
}

function staticallyReached(entry: string): string[] {
	const reached = new Set<string>();
	const visit = (name: string): void => {
		if (reached.has(name)) return;
		reached.add(name);
		for (const { from, to, isTypeOnly, isDynamic } of imports)
			if (from === name && !isTypeOnly && !isDynamic) visit(to);
	};
	visit(entry);
	return [...reached];
}

function roomOf(file: string): string {
	return file.split("/")[0] as string;
}

function rankOf(room: string): number {
	const rank = ORDER.findIndex((rooms) => rooms.includes(room));
	assert.notEqual(rank, -1, `src/${room} has no place in the order of rooms`);
	return rank;
}

function packageOf(name: string): string {
	return name
		.split("/")
		.slice(0, name.startsWith("@") ? 2 : 1)
		.join("/");
}
