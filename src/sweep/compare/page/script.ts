import { MATRIX_SCRIPT } from "../../../runs/report/script-matrix.ts";
import { PHOTOS_SCRIPT } from "../../../runs/report/script-photos.ts";
import { TABLES_SCRIPT } from "../../../runs/report/script-tables.ts";
import { THEME_SCRIPT } from "../../../runs/report/theme-script.ts";

/**
 * What the comparison page does in a browser: theme, the slider of the best, sorting, rows, lines and squares that show
 * each other; with photos of the best trial what the page of a run does with them.
 */
export function pageScript(hasPhotos: boolean): string {
	return `"use strict";
(() => {
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

${THEME_SCRIPT}
${OWN_SCRIPT}
${hasPhotos ? `{\n${MATRIX_SCRIPT}\n${TABLES_SCRIPT}\n${PHOTOS_SCRIPT}\n}` : ""}
// Paper shows what is folded on the screen, unless it would fill pages.
addEventListener("beforeprint", () => { for (const folded of all("details")) if (all("tr, li", folded).length <= 60) folded.open = true; });
})();
`;
}

const OWN_SCRIPT = `
// The best N.
const lines = all(".line");
const slider = document.getElementById("best");
if (slider) slider.addEventListener("input", () => {
	const most = Number(slider.value);
	document.getElementById("best-count").textContent = most;
	for (const line of lines) line.classList.toggle("faint", Number(line.dataset.point) >= most);
});

// A row, its lines and its squares.
const rows = all("tr[data-point]");
const marks = all("[data-point]");
const light = (point, on) => {
	for (const each of marks) if (each.dataset.point === point) each.classList.toggle("on", on);
};
for (const each of marks) {
	each.addEventListener("pointerenter", () => light(each.dataset.point, true));
	each.addEventListener("pointerleave", () => light(each.dataset.point, false));
}
// Of rows alone: a line that listened to the focus would be a tab stop.
for (const row of rows) {
	row.addEventListener("focus", () => light(row.dataset.point, true));
	row.addEventListener("blur", () => light(row.dataset.point, false));
}
// One tab stop; arrow keys walk the rows.
if (rows.length > 0) rows[0].tabIndex = 0;
const body = document.querySelector(".sortable tbody");
if (body) body.addEventListener("keydown", (event) => {
	const own = [...body.rows];
	const at = own.indexOf(event.target);
	const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: own.length - 1 };
	if (at < 0 || !(event.key in moves)) return;
	const next = own[Math.min(own.length - 1, Math.max(0, moves[event.key]))];
	event.preventDefault();
	for (const row of own) row.tabIndex = -1;
	next.tabIndex = 0;
	next.focus();
});

// Sorting by a column: numbers as numbers, nothing last.
const heads = all(".sortable th[scope=col]");
const value = (row, column) => row.cells[column].textContent.trim();
for (const head of heads) head.querySelector("button").addEventListener("click", () => {
	const column = heads.indexOf(head);
	const down = head.getAttribute("aria-sort") === "ascending";
	for (const other of heads) other.removeAttribute("aria-sort");
	head.setAttribute("aria-sort", down ? "descending" : "ascending");
	const sign = down ? -1 : 1;
	const sorted = [...body.rows].sort((a, b) => {
		const [x, y] = [value(a, column), value(b, column)];
		const [p, q] = [parseFloat(x), parseFloat(y)];
		if (Number.isNaN(p) !== Number.isNaN(q)) return Number.isNaN(p) ? 1 : -1;
		return sign * (Number.isNaN(p) ? x.localeCompare(y) : p - q);
	});
	body.append(...sorted);
});
`;
