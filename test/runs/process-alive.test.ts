import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import test from "node:test";
import { isGone, markProcess } from "../../src/runs/process-alive.ts";

test("a process that was killed is gone, though its parent never asks for it", {
	skip: process.platform !== "linux" && "only Linux tells of zombies",
}, async () => {
	// sleep takes the shell's place and knows nothing of the shell's child.
	const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 61"]);
	try {
		const pid = await new Promise<number>((resolve) =>
			parent.stdout.once("data", (data) => resolve(Number(String(data)))),
		);
		const mark = markProcess(pid);
		assert.equal(isGone(mark), false);
		process.kill(pid, "SIGKILL");
		while (!isGone(mark))
			await new Promise((resolve) => setTimeout(resolve, 5));
	} finally {
		parent.kill("SIGKILL");
	}
});
