import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Browser } from "../runs/devtools.ts";
import { keyboardComplaints } from "./page-checks/keyboard.ts";
import { PROBE } from "./page-checks/probe.ts";

/**
 * What holds for every page that Graft writes, each a subtest of its own:
 *
 *   const browser = await openBrowser(chromium.path);
 *   await checkPage(t, browser, pathToFileURL(file).href);
 */
export interface PageExpectation {
	/** Beginnings of URLs that the page may ask for besides itself, `data:` and `blob:`. */
	readonly mayAsk?: readonly string[];
	/** An expression, a promise perhaps, that is true once the page has settled. */
	readonly settled?: string;
	/** False for pages that are no documents, where folding and paper mean nothing. */
	readonly isPrinted?: boolean;
	/** Complaints that are no fault, by what they say. */
	readonly except?: RegExp;
}

const SCHEMES = ["light", "dark"] as const;

/** Opens the page and holds it to the contract; leaves the browser as it was found, the page open. */
export async function checkPage(
	t: TestContext,
	browser: Browser,
	url: string,
	expected: PageExpectation = {},
): Promise<void> {
	const { evaluate } = browser;
	const complaintsBefore = browser.complaints.length;
	const requestsBefore = browser.requests.length;
	await setPage(browser, { width: 1280, height: 900 });
	await browser.open(url);
	if (expected.settled !== undefined)
		assert.ok(await evaluate(expected.settled), "the page has settled");
	await evaluate(PROBE);
	const holds = (claim: string, find: () => Promise<readonly string[]>) =>
		t.test(claim, async () => {
			const found = await find();
			assert.deepEqual(
				found.filter((each) => !expected.except?.test(each)),
				[],
			);
		});

	await holds(
		"it has a language, a title, one main, headings in order, and no dangling reference",
		() => evaluate("probe.structure()"),
	);
	await holds("every control and picture has a name", () => unnamed(browser));
	await holds("no undefined, NaN or [object Object] is on the page", () =>
		evaluate("probe.texts()"),
	);
	for (const scheme of SCHEMES)
		await holds(`its text has a contrast of 4.5 in the ${scheme} theme`, () =>
			inScheme(browser, scheme, () => evaluate("probe.contrast()")),
		);
	await holds("it does not scroll sideways on a phone", async () => {
		await setPage(browser, { width: 390, height: 844 });
		const found = await evaluate("probe.width()");
		await setPage(browser, { width: 1280, height: 900 });
		return found;
	});
	await holds("nothing moves for those who asked for less motion", async () => {
		await setMedia(browser, "", { "prefers-reduced-motion": "reduce" });
		const found = await evaluate("probe.motion()");
		await setMedia(browser);
		return found;
	});
	await holds("everything on it is used by keyboard alone", () =>
		keyboardComplaints(browser),
	);
	if (expected.isPrinted !== false)
		await holds("paper shows what the screen folds or scrolls", () =>
			printComplaints(browser),
		);
	await holds("no console error, and no request leaves the page", async () => [
		...browser.complaints.slice(complaintsBefore),
		...browser.requests
			.slice(requestsBefore)
			.filter(
				(request) =>
					request.split("#")[0] !== url.split("#")[0] &&
					!["data:", "blob:", ...(expected.mayAsk ?? [])].some((start) =>
						request.startsWith(start),
					),
			)
			.map((request) => `it asks for ${request.slice(0, 200)}`),
	]);
	await setPage(browser);
	await setMedia(browser);
}

/** Roles that say nothing without a name. */
const NAMED = new Set(
	"button checkbox combobox dialog figure grid image img link listbox meter progressbar radio region searchbox slider spinbutton switch tab table textbox".split(
		" ",
	),
);

async function unnamed({ send }: Browser): Promise<string[]> {
	const { nodes } = await send("Accessibility.getFullAXTree");
	const wrong: string[] = [];
	for (const { role, name, ignored, nodeId } of nodes) {
		if (ignored || !NAMED.has(role?.value)) continue;
		// A figure is named by its caption, and needs none where its picture has a name.
		if (role.value === "figure") continue;
		if ((name?.value ?? "").trim() === "")
			wrong.push(`${role.value} (node ${nodeId}) has no name`);
	}
	return wrong;
}

async function printComplaints(browser: Browser): Promise<string[]> {
	const { evaluate } = browser;
	const folded = "[...document.querySelectorAll('details')]";
	await evaluate(`probe.open = ${folded}.map(({ open }) => open)`);
	// A sheet of A4 without its margins.
	await setPage(browser, { width: 720, height: 1020 });
	await setMedia(browser, "print", { "prefers-color-scheme": "dark" });
	await evaluate("dispatchEvent(new Event('beforeprint')), undefined");
	const wrong = await evaluate("probe.print()");
	const { data } = await browser.send("Page.printToPDF", {
		printBackground: true,
	});
	if (String(data).length < 1000) wrong.push("the PDF is empty");
	await evaluate("dispatchEvent(new Event('afterprint')), undefined");
	await evaluate(
		`${folded}.forEach((each, at) => { each.open = probe.open[at] })`,
	);
	await setMedia(browser);
	await setPage(browser, { width: 1280, height: 900 });
	return wrong;
}

async function inScheme<T>(
	browser: Browser,
	scheme: string,
	work: () => Promise<T>,
): Promise<T> {
	// Colours that fade would be measured half way.
	await setMedia(browser, "", {
		"prefers-color-scheme": scheme,
		"prefers-reduced-motion": "reduce",
	});
	const found = await work();
	await setMedia(browser);
	return found;
}

/** The size of the screen in CSS pixels; none: the browser's own. */
export async function setPage(
	{ send }: Browser,
	size?: { readonly width: number; readonly height: number },
): Promise<void> {
	if (size === undefined) await send("Emulation.clearDeviceMetricsOverride");
	else
		await send("Emulation.setDeviceMetricsOverride", {
			...size,
			deviceScaleFactor: 1,
			mobile: false,
		});
}

/** `print` or the screen, and features as `prefers-color-scheme`. */
export async function setMedia(
	{ send }: Browser,
	media = "",
	features: Readonly<Record<string, string>> = {},
): Promise<void> {
	await send("Emulation.setEmulatedMedia", {
		media,
		features: Object.entries(features).map(([name, value]) => ({
			name,
			value,
		})),
	});
}

/** Pictures of the open page for people to look at: NAME-light, NAME-dark and NAME-phone .png in the folder. */
export async function takeScreens(
	browser: Browser,
	folder: string,
	name: string,
): Promise<void> {
	const shots = [
		["light", "light", 1280],
		["dark", "dark", 1280],
		["phone", "light", 390],
	] as const;
	for (const [suffix, scheme, width] of shots) {
		await setPage(browser, { width, height: 900 });
		await setMedia(browser, "", { "prefers-color-scheme": scheme });
		const { data } = await browser.send("Page.captureScreenshot", {
			captureBeyondViewport: true,
		});
		writeFileSync(
			join(folder, `${name}-${suffix}.png`),
			Buffer.from(data, "base64"),
		);
	}
	await setPage(browser);
	await setMedia(browser);
}
