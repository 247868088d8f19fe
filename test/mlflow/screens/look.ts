import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "../../runs/devtools.ts";

/** Looking at MLflow's pages, which draw themselves after they have loaded. */

/** The page's text, as a person reads it. */
export function textOf({ evaluate }: Browser): Promise<string> {
	return evaluate("document.body.innerText");
}

/** Opens a page and waits until its text holds all of `wanted`. @throws Error with the text that is there after a minute. */
export async function openPage(
	browser: Browser,
	url: string,
	wanted: readonly (string | RegExp)[],
): Promise<string> {
	// A page of the same document only changes its fragment, and fires no load event.
	await browser.open("about:blank");
	await browser.open(url);
	return waitFor(browser, wanted);
}

/** The page's text once it holds all of `wanted`. */
export async function waitFor(
	browser: Browser,
	wanted: readonly (string | RegExp)[],
): Promise<string> {
	let text = "";
	for (const until = Date.now() + 60_000; Date.now() < until; ) {
		text = await textOf(browser);
		if (wanted.every((one) => has(text, one))) return text;
		await sleep(200);
	}
	const missing = wanted.filter((one) => !has(text, one));
	throw new Error(`no ${missing.join(", ")} on this page:\n${text}`);
}

function has(text: string, wanted: string | RegExp): boolean {
	return typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
}

/** Clicks what carries exactly this text. */
export async function click(browser: Browser, label: string): Promise<void> {
	const found = await browser.evaluate(`(() => {
		const all = [...document.querySelectorAll("button, a, [role=tab], [role=menuitem], span, div")];
		const hit = all.find((one) => one.textContent.trim() === ${JSON.stringify(label)} && one.children.length === 0)
			?? all.find((one) => one.textContent.trim() === ${JSON.stringify(label)});
		hit?.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
		hit?.click();
		return hit !== undefined;
	})()`);
	if (!found) throw new Error(`nothing on this page is called "${label}"`);
}

/** A window of this many pixels. */
export async function resize(
	browser: Browser,
	width: number,
	height: number,
): Promise<void> {
	await browser.send("Emulation.setDeviceMetricsOverride", {
		...{ width, height, deviceScaleFactor: 1, mobile: false },
	});
}

/** Writes what is to be seen as a PNG file. */
export async function shoot(
	{ send }: Browser,
	folder: string,
	name: string,
): Promise<void> {
	const { data } = await send("Page.captureScreenshot", { format: "png" });
	writeFileSync(join(folder, `${name}.png`), Buffer.from(data, "base64"));
}
