/**
 * What the checks of a page ask inside it, as source of the browser: `probe.names()` and its like answer a list of
 * complaints, each with the element it is about.
 */
export const PROBE = String.raw`globalThis.probe = (() => {
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const isSeen = (element) =>
	element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) &&
	element.getClientRects().length > 0;
/** Said to screen readers alone. */
const isSpokenOnly = (element) => {
	for (let at = element; at; at = at.parentElement) {
		const style = getComputedStyle(at);
		if (style.clipPath.startsWith("inset(50%") || style.clip === "rect(0px, 0px, 0px, 0px)") return true;
	}
	return false;
};
const describe = (element) => {
	const id = element.id ? "#" + element.id : "";
	const name = typeof element.className === "string" ? element.className : element.className?.baseVal ?? "";
	const text = (element.getAttribute("aria-label") ?? element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
	return element.localName + id + name.trim().split(/\s+/).filter(Boolean).map((each) => "." + each).join("") + (text ? ' "' + text + '"' : "");
};

/** Colours as the browser itself reads them, by one pixel of a canvas. */
const canvas = document.createElement("canvas");
canvas.width = canvas.height = 1;
const pen = canvas.getContext("2d", { willReadFrequently: true });
const known = new Map();
const rgba = (text) => {
	if (!known.has(text)) {
		pen.clearRect(0, 0, 1, 1);
		pen.fillStyle = "#000";
		pen.fillStyle = text;
		pen.fillRect(0, 0, 1, 1);
		const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
		known.set(text, [r, g, b, a / 255]);
	}
	return known.get(text);
};
const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
/** WCAG 2.2, relative luminance and contrast ratio. */
const luminance = (color) => {
	const [r, g, b] = color.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (one, other) => {
	const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
	return (high + 0.05) / (low + 0.05);
};
/** The colour behind an element; undefined where a picture is. */
const ground = (element) => {
	const layers = [];
	for (let at = element; at; at = at.parentElement) {
		const style = getComputedStyle(at);
		if (style.backgroundImage !== "none") return undefined;
		const color = rgba(style.backgroundColor);
		if (color[3] > 0) layers.push(color);
		if (color[3] === 1) break;
	}
	return layers.reverse().reduce((below, layer) => over(layer, below), rgba("Canvas"));
};

const CONTROLS = "a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex],[contenteditable=true],[role=button],[role=slider],[role=tab],[role=checkbox],[role=switch],[role=menuitem],[role=option],[role=gridcell][tabindex]";
const GROUPS = "[role=grid],[role=tablist],[role=listbox],[role=radiogroup],[role=toolbar],[role=menu],[role=group],[data-roving],fieldset,table,ol,ul,svg";

return {
	describe,
	controls: () => all(CONTROLS).filter((element) => isSeen(element) && !element.disabled && !element.closest("[inert]")),
	groupOf: (element) => element.closest(GROUPS),

	structure: () => {
		const wrong = [];
		if (!document.documentElement.lang) wrong.push("html has no lang");
		if (!document.title.trim()) wrong.push("the page has no title");
		const mains = all("main,[role=main]").filter(isSeen).length;
		if (mains !== 1) wrong.push(mains + " main landmarks, expected 1");
		const heads = all("h1,h2,h3,h4,h5,h6").filter(isSeen);
		const firsts = heads.filter(({ localName }) => localName === "h1").length;
		if (firsts !== 1) wrong.push(firsts + " h1, expected 1");
		let level = 0;
		for (const head of heads) {
			const own = Number(head.localName[1]);
			if (own > level + 1) wrong.push(describe(head) + " follows a heading of level " + level);
			if (!head.textContent.trim()) wrong.push(describe(head) + " is empty");
			level = own;
		}
		const ids = all("[id]").map(({ id }) => id);
		for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) wrong.push("two elements have the id " + id);
		for (const name of ["aria-labelledby", "aria-describedby", "aria-controls", "for"])
			for (const element of all("[" + name + "]"))
				for (const id of element.getAttribute(name).split(/\s+/))
					if (id && !document.getElementById(id)) wrong.push(describe(element) + ": " + name + " names " + id + ", which is not there");
		for (const image of all("img")) if (!image.hasAttribute("alt")) wrong.push(describe(image) + " has no alt");
		for (const drawing of all("svg").filter(isSeen))
			if (!drawing.closest("[aria-hidden=true]") && drawing.getAttribute("role") !== "img" && !drawing.closest("button,a") && !drawing.parentElement.closest("svg"))
				wrong.push(describe(drawing) + " is neither hidden from screen readers nor an image with a name");
		return wrong;
	},

	contrast: () => {
		const wrong = new Set();
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		for (let node = walker.nextNode(); node; node = walker.nextNode()) {
			const element = node.parentElement;
			if (!node.data.trim() || element.closest("script,style,title,desc,template,noscript,:disabled,[aria-disabled=true]")) continue;
			if (!isSeen(element) || isSpokenOnly(element)) continue;
			const style = getComputedStyle(element);
			const isDrawn = element.namespaceURI === "http://www.w3.org/2000/svg";
			const back = ground(element);
			if (back === undefined) continue;
			const paint = rgba(isDrawn ? style.fill : style.color);
			let alpha = paint[3] * (isDrawn ? Number(style.fillOpacity) : 1);
			for (let at = element; at; at = at.parentElement) alpha *= Number(getComputedStyle(at).opacity);
			const front = over([...paint.slice(0, 3), alpha], back);
			const size = Number.parseFloat(style.fontSize) * (isDrawn ? Math.abs(element.getScreenCTM?.()?.d ?? 1) : 1);
			const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
			const found = ratio(front.slice(0, 3), back.slice(0, 3));
			if (found < least - 0.005) wrong.add(describe(element) + ": contrast " + found.toFixed(2) + ", expected " + least);
		}
		return [...wrong];
	},

	width: () => {
		const wide = document.documentElement.scrollWidth;
		if (wide <= innerWidth) return [];
		const past = all("body *").filter((element) => isSeen(element) && element.getBoundingClientRect().right > innerWidth + 1 && !all("*", element).some((child) => child.getBoundingClientRect().right > innerWidth + 1));
		return ["the page is " + wide + " px wide on a screen of " + innerWidth + ": " + past.slice(0, 4).map(describe).join(", ")];
	},

	motion: () => {
		const seconds = (text) => Math.max(...text.split(",").map((each) => Number.parseFloat(each) * (each.trim().endsWith("ms") ? 0.001 : 1)));
		const wrong = [];
		if (getComputedStyle(document.documentElement).scrollBehavior === "smooth") wrong.push("the page scrolls smoothly");
		for (const element of all("body, body *")) for (const pseudo of [undefined, "::before", "::after"]) {
			const style = getComputedStyle(element, pseudo);
			if (style.animationName !== "none" && seconds(style.animationDuration) > 0.01) wrong.push(describe(element) + (pseudo ?? "") + " is animated: " + style.animationName);
			if (/all|transform|width|height|top|left|inset|margin|translate|scale/.test(style.transitionProperty) && seconds(style.transitionDuration) > 0.01) wrong.push(describe(element) + (pseudo ?? "") + " moves: " + style.transitionProperty);
		}
		return wrong;
	},

	print: () => {
		const wrong = [];
		for (const folded of all("details")) if (isSeen(folded.parentElement) && !folded.open && all("tr, li", folded).length <= 60) wrong.push(describe(folded) + " stays folded on paper");
		for (const element of all("main, main *")) {
			const style = getComputedStyle(element);
			const cuts = (overflow, inner, outer) => /auto|scroll/.test(overflow) && inner > outer + 2 && outer > 0;
			if (isSeen(element) && !isSpokenOnly(element) && (cuts(style.overflowY, element.scrollHeight, element.clientHeight) || cuts(style.overflowX, element.scrollWidth, element.clientWidth))) wrong.push(describe(element) + " is cut off on paper");
		}
		const back = ground(document.body);
		if (back && luminance(back.slice(0, 3)) < 0.8) wrong.push("the paper is dark");
		return wrong;
	},

	texts: () => {
		const bad = /\b(undefined|NaN|Infinity)\b|\[object \w+\]/;
		const wrong = [];
		for (const line of document.body.innerText.split("\n")) if (bad.test(line)) wrong.push("text: " + line.trim().slice(0, 120));
		for (const element of all("*")) for (const name of ["aria-label", "aria-valuetext", "aria-valuenow", "title", "alt", "d", "x", "y", "cx", "cy", "x1", "y1", "width", "height", "style", "href"]) {
			const value = element.getAttribute(name);
			if (value && bad.test(value)) wrong.push(describe(element) + ": " + name + "=" + value.slice(0, 80));
		}
		return wrong;
	},
};
})(); undefined`;
