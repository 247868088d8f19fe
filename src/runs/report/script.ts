import { THEME_SCRIPT } from "./theme-script.ts";

/**
 * What the page's own script does, in a browser: reading curves epoch by epoch, walking the confusion matrix
 * and opening the photos behind a cell, and the theme. Without it the page still tells everything but the photos
 * of the cells. Texts are set as text, never as markup.
 */
export const SCRIPT = `"use strict";
(() => {
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

${THEME_SCRIPT}
// Curves: pointer and arrow keys move a cursor from epoch to epoch, in all charts at once.
const plots = all(".plot").map((plot) => ({
	plot,
	figure: plot.closest("figure"),
	svg: plot.querySelector("svg"),
	points: JSON.parse(plot.dataset.plot),
	names: all(".key", plot.closest("figure")).map((key) => key.firstChild.data.trim()),
}));
let at = plots.length > 0 ? plots[0].points.length - 1 : 0;
const show = (index, reading) => {
	at = index;
	for (const { plot, figure, svg, points, names } of plots) {
		const point = points[index];
		if (point === undefined) continue;
		plot.classList.toggle("reading", reading);
		const cursor = svg.querySelector(".cursor");
		cursor.setAttribute("x1", point.x);
		cursor.setAttribute("x2", point.x);
		all(".dot", svg).forEach((dot, s) => {
			dot.setAttribute("cx", point.x);
			dot.setAttribute("cy", point.y[s] === null ? -20 : point.y[s]);
		});
		figure.querySelector("[data-epoch]").textContent = point.epoch;
		all("[data-series]", figure).forEach((value, s) => { value.textContent = point.text[s]; });
		plot.setAttribute("aria-valuenow", point.epoch);
		plot.setAttribute("aria-valuetext", "epoch " + point.epoch + ": " + names.map((name, s) => name + " " + point.text[s]).join(", "));
	}
};
for (const { plot, svg, points } of plots) {
	const last = points.length - 1;
	plot.addEventListener("pointermove", (event) => {
		const box = svg.getBoundingClientRect();
		const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
		let nearest = 0;
		points.forEach((point, index) => { if (Math.abs(point.x - x) < Math.abs(points[nearest].x - x)) nearest = index; });
		show(nearest, true);
	});
	plot.addEventListener("pointerleave", () => show(last, document.activeElement === plot));
	plot.addEventListener("focus", () => show(at, true));
	plot.addEventListener("blur", () => show(last, false));
	plot.addEventListener("keydown", (event) => {
		const page = Math.max(1, Math.round(last / 10));
		const moves = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, PageDown: at - page, PageUp: at + page, Home: 0, End: last };
		if (!(event.key in moves)) return;
		event.preventDefault();
		show(Math.min(last, Math.max(0, moves[event.key])), true);
	});
}

// Confusion matrix: one tab stop; arrow keys go to the next cell that holds photos.
const matrix = document.getElementById("matrix");
const cells = matrix ? all("button[data-cell]", matrix) : [];
const placeOf = (cell) => cell.dataset.cell.split(",").map(Number);
cells.forEach((cell, index) => { cell.tabIndex = index === 0 ? 0 : -1; });
const makeStop = (cell) => {
	for (const other of cells) other.tabIndex = -1;
	cell.tabIndex = 0;
};
const neighbour = (cell, key) => {
	const [row, column] = placeOf(cell);
	const rank = (other) => {
		const [r, c] = placeOf(other);
		if (key === "ArrowRight" && r === row && c > column) return c - column;
		if (key === "ArrowLeft" && r === row && c < column) return column - c;
		if (key === "ArrowDown" && r > row) return (r - row) * 1e6 + Math.abs(c - column);
		if (key === "ArrowUp" && r < row) return (row - r) * 1e6 + Math.abs(c - column);
		return Infinity;
	};
	return cells.reduce((best, other) => (rank(other) < rank(best) ? other : best), cell);
};
if (matrix) matrix.addEventListener("keydown", (event) => {
	const cell = event.target.closest("button[data-cell]");
	if (cell === null) return;
	const ends = { Home: cells[0], End: cells[cells.length - 1] };
	const next = ends[event.key] ?? (event.key.startsWith("Arrow") ? neighbour(cell, event.key) : undefined);
	if (next === undefined) return;
	event.preventDefault();
	makeStop(next);
	next.focus();
	next.scrollIntoView({ block: "nearest", inline: "nearest" });
});

// Where columns are narrow, a pointer reads what a screen reader hears.
if (matrix) matrix.addEventListener("pointerover", (event) => {
	const cell = event.target.closest("button[data-cell]");
	if (cell) cell.title = cell.getAttribute("aria-label");
});

// The photos behind a cell.
const data = JSON.parse(document.getElementById("photo-data").textContent);
const pictures = new Map(data.pictures);
const dialog = document.getElementById("photos");
const className = (index) => data.classNames[index] ?? "class " + index;
const element = (tag, name, ...children) => {
	const made = document.createElement(tag);
	if (name) made.className = name;
	made.append(...children);
	return made;
};
const isolated = (text) => {
	const made = element("bdi", "", text);
	made.title = text;
	return made;
};
// A line may break after a separator, as in the pictures above.
const breakable = (path) => element("bdi", "", ...path.split(/(?<=[/_.\\s-])/).flatMap((part) => [part, document.createElement("wbr")]));
const percent = (share) => (share === null ? "" : " " + share + " %");
const picture = (path, alt) => {
	const source = pictures.get(path) ?? all("img[data-photo]").find((image) => image.dataset.photo === path)?.src;
	if (source === undefined) return element("span", "quiet", "no picture");
	const image = element("img");
	image.src = source;
	image.alt = alt;
	return image;
};
const card = (truth, said) => ([path, sure, truthSure]) => {
	const right = truth === said;
	const verdict = element("p", "verdict", element("span", right ? "said right" : "said", isolated(className(said)), percent(sure)));
	if (!right) verdict.append(element("span", "truth", "is ", isolated(className(truth)), percent(truthSure)));
	const frame = element("div", "frame", picture(path, className(truth) + (right ? "" : ", taken for " + className(said))));
	return element("li", "photo", frame, verdict, element("p", "path", breakable(path)));
};
const open = (place) => {
	const [truth, said] = place.split(",").map(Number);
	const photos = data.cells[place] ?? [];
	const total = Number(matrix.querySelector('[data-cell="' + place + '"]').textContent);
	const title = dialog.querySelector("h2");
	title.replaceChildren(total + (total === 1 ? " photo of " : " photos of "), isolated(className(truth)), truth === said ? ", rightly named" : " taken for ");
	if (truth !== said) title.append(isolated(className(said)));
	dialog.querySelector("ul").replaceChildren(...photos.map(card(truth, said)));
	document.getElementById("photos-rest").textContent = photos.length < total ? "The " + photos.length + " least sure of " + total + "; predictions.jsonl holds all." : "";
	dialog.showModal();
	dialog.scrollTop = 0;
};
for (const cell of cells) cell.addEventListener("click", () => { makeStop(cell); open(cell.dataset.cell); });
for (const pair of all("button[data-open]")) pair.addEventListener("click", () => open(pair.dataset.open));
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

// Paper shows what is folded on the screen, unless it would fill pages.
addEventListener("beforeprint", () => { for (const folded of all("details")) if (all("tr, li", folded).length <= 60) folded.open = true; });
})();
`;
