import type { Browser } from "../../runs/devtools.ts";

/** Whether everything on the page that can be used can be used by keyboard alone. */

/** Members of one roving group that are walked at most. */
const MOST_ROVING = 150;

const ARROWS = ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"] as const;

/**
 * Tab from the first element to the last; arrow keys among those that share a tab stop; a visible focus; summaries
 * and sliders that answer their keys; no pointer-only controls.
 */
export async function keyboardComplaints(browser: Browser): Promise<string[]> {
	const { evaluate } = browser;
	await browser.send("Emulation.setFocusEmulationEnabled", { enabled: true });
	const total = await evaluate(
		`(probe.own = probe.controls(), probe.reached = new Set(), probe.unseen = [], document.activeElement?.blur(), getSelection().removeAllRanges(), probe.own.length)`,
	);
	await startAtTop(browser);
	// Radio buttons and other groups share a stop, so that there may be fewer stops than controls, never many more.
	for (let stop = 0; stop < total + 20; stop++) {
		await browser.press("Tab");
		if (!(await evaluate(NOTE_FOCUS))) break;
	}
	await walkGroups(browser);
	return [
		...(await evaluate(
			`probe.own.filter((each) => !probe.reached.has(each)).map((each) => probe.describe(each) + " is not reached by keyboard")`,
		)),
		...(await evaluate(
			`probe.unseen.map((each) => each + " does not show that it has the focus")`,
		)),
		...(await answers(browser)),
		...(await pointerOnly(browser)),
	];
}

/** Tab goes on from the last click or focus: begin at the top of the page. */
async function startAtTop({ evaluate }: Browser): Promise<void> {
	await evaluate(`(() => {
		const top = document.createElement("div");
		top.tabIndex = -1;
		document.body.prepend(top);
		top.focus();
		top.remove();
	})()`);
}

/** True while the focus is on something new. */
const NOTE_FOCUS = `(() => {
	const at = document.activeElement;
	if (at === null || at === document.body || at === document.documentElement || probe.reached.has(at)) return false;
	probe.reached.add(at);
	const style = getComputedStyle(at);
	const ring = (each) => each.outlineStyle !== "none" && parseFloat(each.outlineWidth) > 0 || each.boxShadow !== "none";
	const label = at.labels?.[0];
	if (!ring(style) && !(label && ring(getComputedStyle(label)))) probe.unseen.push(probe.describe(at));
	return true;
})()`;

/** From each member that Tab reached, arrow keys go to the others of its group. */
async function walkGroups(browser: Browser): Promise<void> {
	const { evaluate } = browser;
	await evaluate(
		`probe.waiting = [...probe.reached].filter((each) => { const group = probe.groupOf(each); return group && probe.own.some((other) => !probe.reached.has(other) && probe.groupOf(other) === group); })`,
	);
	// The key that led somewhere leads on: a row of a hundred is walked by a hundred keys.
	let keys = [...ARROWS];
	for (let walked = 0; walked < MOST_ROVING * 2; walked++) {
		if (!(await evaluate("(probe.from = probe.waiting.pop()) !== undefined")))
			return;
		for (const key of keys) {
			await evaluate("probe.from.focus()");
			await browser.press(key);
			const found = await evaluate(`(() => {
				const at = document.activeElement;
				if (probe.reached.has(at) || at === document.body) return false;
				probe.reached.add(at);
				probe.waiting.unshift(probe.from);
				probe.waiting.push(at);
				return true;
			})()`);
			if (!found) continue;
			keys = [key, ...ARROWS.filter((other) => other !== key)];
			break;
		}
		const left = await evaluate(
			"probe.own.filter((each) => !probe.reached.has(each)).length",
		);
		if (left === 0) return;
	}
	// A large group of one kind: what was walked stands for the rest.
	await evaluate(
		`for (const each of probe.own) if ([...probe.reached].filter((other) => other.localName === each.localName && probe.groupOf(other) === probe.groupOf(each)).length >= ${MOST_ROVING}) probe.reached.add(each)`,
	);
}

/** Summaries open and shut, sliders move. */
async function answers(browser: Browser): Promise<string[]> {
	const { evaluate, press } = browser;
	const wrong: string[] = [];
	const state =
		"probe.at.localName === 'summary' ? String(probe.at.parentElement.open) : probe.at.value ?? probe.at.getAttribute('aria-valuenow')";
	const count = await evaluate(
		`(probe.answering = probe.own.filter((each) => each.matches("summary,input[type=range],[role=slider]")).slice(0, 40)).length`,
	);
	for (let index = 0; index < count; index++) {
		const kind = await evaluate(
			`((probe.at = probe.answering[${index}]).focus(), probe.at.localName)`,
		);
		const before = await evaluate(state);
		const keys =
			kind === "summary" ? ["Enter"] : ["ArrowLeft", "ArrowRight", "Home"];
		let moved = false;
		for (const key of keys) {
			await press(key);
			moved ||= (await evaluate(state)) !== before;
			if (moved) break;
		}
		const isSingle =
			kind !== "summary" &&
			(await evaluate(
				"(probe.at.min ?? probe.at.getAttribute('aria-valuemin')) === (probe.at.max ?? probe.at.getAttribute('aria-valuemax'))",
			));
		if (!moved && !isSingle)
			wrong.push(
				`${await evaluate("probe.describe(probe.at)")} does not answer ${keys.join(", ")}`,
			);
		if (kind === "summary") await press("Enter");
		else await press("End");
	}
	return wrong;
}

/** Elements that listen to a pointer, but that no key reaches. */
async function pointerOnly({ send, evaluate }: Browser): Promise<string[]> {
	const { result } = await send("Runtime.evaluate", {
		expression: "document.documentElement",
	});
	const { listeners } = await send("DOMDebugger.getEventListeners", {
		objectId: result.objectId,
		depth: -1,
	});
	await evaluate("probe.pointed = []");
	await send("DOM.getDocument", { depth: 0 });
	for (const { type, backendNodeId } of listeners) {
		if (!/^(click|dblclick|mousedown|pointerdown)$/.test(type)) continue;
		const { object } = await send("DOM.resolveNode", { backendNodeId });
		await send("Runtime.callFunctionOn", {
			objectId: object.objectId,
			functionDeclaration: "function () { probe.pointed.push(this); }",
		});
	}
	return evaluate(`[...new Set(probe.pointed)].filter((each) =>
		each instanceof Element && !each.matches("html,body,main,dialog,a[href],button,input,select,textarea,summary,label,[tabindex]") &&
		!each.querySelector("a[href],button,input,select,textarea,summary,[tabindex]") && !each.closest("button,a[href],label,[tabindex]"))
		.map((each) => probe.describe(each) + " answers a pointer, and no key")`);
}
