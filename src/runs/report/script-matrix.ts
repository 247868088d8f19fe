/** The confusion matrix of the page: one tab stop, walked by arrow keys. Part of its script. */
export const MATRIX_SCRIPT = `// Confusion matrix: one tab stop; arrow keys go to the next cell that holds photos.
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
`;
