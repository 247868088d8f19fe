#!/usr/bin/env node
// The program `graft`: builds src/ into dist/ when it has changed, then hands over to main.
//
// CommonJS on purpose: it is read without libuv's thread pool, so that the pool's size can still be set.
// The pool decodes (sharp, one thread a photo) and reads files; onnxruntime computes in worker threads of its own.
"use strict";
const { cpus } = require("node:os");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, 2 * cpus().length));

const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
	console.error(
		`graft: needs Node.js 20 or newer, this is ${process.version}. Fix: install a current Node.js (https://nodejs.org).`,
	);
	process.exit(2);
}

try {
	process.cwd();
} catch {
	console.error(
		"graft: the folder you are in has been removed. Fix: cd to one that exists.",
	);
	process.exit(2);
}

const root = join(__dirname, "..");
const { built } = require("./build.cjs");
let folder;
try {
	folder = built(root);
} catch (error) {
	// esbuild has already printed what does not compile.
	console.error(
		`graft: the sources in ${join(root, "src")} do not build: ${error.message.split("\n")[0]}`,
	);
	process.exit(1);
}
import(pathToFileURL(join(folder, "main.js")).href).catch((error) => {
	console.error(error);
	process.exit(1);
});
