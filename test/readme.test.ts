import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { envFor, folderFor, root } from "./support/graft.ts";

/** Every command that the READMEs show works as it stands. */

const READMES = ["README.md", "README.zh-CN.md"];

for (const name of READMES) {
	const commands = commandsOf(name);

	test(`${name}: each command ends as it says`, async (context) => {
		assert.ok(commands.length >= 8, `only ${commands.length} commands found`);
		const env = envFor(folderFor(context));
		for (const command of commands) {
			const { code, output } = await shell(command, env);
			assert.equal(code, 0, `${command}\n${output}`);
		}
		for (const left of [
			...["runs/preview.png", "runs/features.safetensors"],
			...["runs/resize-web", "runs/mine.yaml"],
		])
			rmSync(join(root, left), { force: true, recursive: true });
	});

	test(`${name}: each file it links to is there`, () => {
		const text = readFileSync(join(root, name), "utf8");
		const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(
			([, target]) => target as string,
		);
		assert.ok(links.length > 0);
		assert.deepEqual(
			links.filter((link) => !existsSync(join(root, link))),
			[],
		);
	});
}

test("both READMEs show the same commands and the same experiment", () => {
	const [english, chinese] = READMES.map((name) =>
		commandsOf(name).map((command) => command.replace(/\s+#.*/, "")),
	);
	assert.deepEqual(chinese, english);
	const yaml = (name: string) =>
		/```yaml\n([\s\S]*?)```/
			.exec(readFileSync(join(root, name), "utf8"))?.[1]
			?.replace(/ *#.*/g, "");
	assert.equal(yaml("README.zh-CN.md"), yaml("README.md"));
});

test("the README's experiment is experiments/resize.yaml", () => {
	const shown =
		/```yaml\n([\s\S]*?)```/.exec(
			readFileSync(join(root, "README.md"), "utf8"),
		)?.[1] ?? "";
	const file = readFileSync(join(root, "experiments/resize.yaml"), "utf8");
	const bare = (text: string) =>
		text
			.split("\n")
			.map((line) => line.replace(/ *#.*/, ""))
			.filter((line) => line !== "" && !line.startsWith("description:"));
	assert.deepEqual(bare(shown), bare(file));
});

/** Lines of sh blocks that start the program; installing and testing are what runs this test. */
function commandsOf(name: string): string[] {
	const text = readFileSync(join(root, name), "utf8");
	return [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
		.flatMap(([, block]) => (block as string).split("\n"))
		.map((line) => line.replace(/^npm ci && /, ""))
		.filter((line) => /^npm run (-s )?exp/.test(line));
}

function shell(
	command: string,
	env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
	const child = spawn(command, {
		cwd: root,
		env,
		shell: true,
		stdio: ["ignore", "pipe", "pipe"],
	});
	let output = "";
	const collect = (data: Buffer) => {
		output += data;
	};
	child.stdout.on("data", collect);
	child.stderr.on("data", collect);
	return new Promise((resolve) =>
		child.on("close", (code) => resolve({ code, output })),
	);
}
