// Bundles src/*.ts with esbuild into dist/<stamp>/, where <stamp> says which sources it was made from.
"use strict";
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const { join } = require("node:path");

/** Files that are loaded by name: the program and the code of its worker threads. */
const ENTRIES = [
	"src/main.ts",
	"src/features/pixel-worker.ts",
	"src/mlflow/follow-worker.ts",
];

/**
 * Loaded from node_modules, for they find their native parts beside themselves. The rest is bundled, which halves
 * the start; so is sharp (0.04 s instead of 0.18 s), which asks for its native part by a package's name.
 */
const EXTERNAL = ["onnxruntime-node", "h5wasm", "@tensorflow/*"];

/** Made only when a page is exported, and for a release. */
const WEB_SCRIPT = "web-page.js";

/** The folder with main.js for the sources as they are now; builds it where it is missing (about 0.1 s). */
function built(root) {
	const dist = join(root, "dist");
	if (!fs.existsSync(join(root, "src", "main.ts")))
		return join(dist, "release");
	const folder = join(dist, stampOf(root));
	if (fs.existsSync(join(folder, "main.js"))) return folder;
	return build(root, dist, folder);
}

/** Names, sizes and times of all sources: enough to notice an edit, cheap enough for every start. */
function stampOf(root) {
	const hash = createHash("sha256");
	const visit = (folder) => {
		for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
			const path = join(folder, entry.name);
			if (entry.isDirectory()) visit(path);
			else if (/\.(ts|cjs|js|json)$/.test(entry.name)) {
				const { size, mtimeMs } = fs.statSync(path);
				hash.update(`${path}\0${size}\0${mtimeMs}\n`);
			}
		}
	};
	visit(join(root, "src"));
	visit(join(root, "schemas"));
	hash.update(String(fs.statSync(join(root, "package.json")).mtimeMs));
	return hash.digest("hex").slice(0, 16);
}

/** Builds beside and renames, so that two first starts at once do no harm. */
function build(root, dist, folder) {
	const esbuild = require("esbuild");
	const temporary = join(dist, `${process.pid}.tmp`);
	esbuild.buildSync({
		absWorkingDir: root,
		entryPoints: ENTRIES.filter((entry) => fs.existsSync(join(root, entry))),
		outdir: temporary,
		entryNames: "[name]",
		chunkNames: "[name]-[hash]",
		bundle: true,
		splitting: true,
		minifySyntax: true,
		format: "esm",
		platform: "node",
		target: "node20",
		external: EXTERNAL,
		sourcemap: "linked",
		logLevel: "error",
		banner: {
			js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
		},
	});
	try {
		fs.renameSync(temporary, folder);
	} catch (error) {
		if (!fs.existsSync(join(folder, "main.js"))) throw error;
		fs.rmSync(temporary, { recursive: true, force: true });
	}
	removeOld(dist, folder);
	return folder;
}

/**
 * The script of the web page of `graft export --to tfjs`: one file for browsers, with the transforms of src/data, tfjs
 * and its WebAssembly inside. Built where it is missing.
 */
function builtWebScript(root) {
	const dist = join(root, "dist");
	if (!fs.existsSync(join(root, "src", "main.ts")))
		return join(dist, "release", WEB_SCRIPT);
	const file = join(dist, `${stampOf(root)}-${WEB_SCRIPT}`);
	if (!fs.existsSync(file)) buildWebScript(root, file);
	return file;
}

function buildWebScript(root, file) {
	const temporary = `${file}.${process.pid}.tmp`;
	fs.mkdirSync(join(root, "dist"), { recursive: true });
	require("esbuild").buildSync({
		absWorkingDir: root,
		entryPoints: [join("src", "export", "web", "browser", "main.ts")],
		outfile: temporary,
		bundle: true,
		minify: true,
		legalComments: "none",
		format: "iife",
		platform: "browser",
		target: "es2022",
		loader: { ".wasm": "binary" },
		logLevel: "error",
	});
	fs.renameSync(temporary, file);
}

/** Keeps what another process may be running: everything younger than an hour. */
function removeOld(dist, kept) {
	for (const name of fs.readdirSync(dist)) {
		const path = join(dist, name);
		if (path === kept || name === "release") continue;
		if (Date.now() - fs.statSync(path).mtimeMs > 3_600_000)
			fs.rmSync(path, { recursive: true, force: true });
	}
}

module.exports = { built, build, builtWebScript };

if (require.main === module) {
	const root = join(__dirname, "..");
	const release = join(root, "dist", "release");
	fs.rmSync(release, { recursive: true, force: true });
	build(root, join(root, "dist"), release);
	buildWebScript(root, join(release, WEB_SCRIPT));
	console.error(`built ${release}`);
}
