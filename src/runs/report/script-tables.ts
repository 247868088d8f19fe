/** Tables of the page that sort by a column's title, and again the other way round. Part of its script. */
export const TABLES_SCRIPT = `// Tables: a column's title sorts by it; what has no number comes last either way.
for (const table of all("table.sorting")) {
	const body = table.tBodies[0];
	const titles = all("button[data-sort]", table);
	const valueOf = (row, column, kind) => {
		const cell = row.cells[column];
		if (kind === "text") return cell.textContent.trim();
		const text = cell.dataset.value ?? cell.textContent;
		return text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
	};
	for (const title of titles) title.addEventListener("click", () => {
		const head = title.closest("th");
		const kind = title.dataset.sort;
		const upwards = head.getAttribute("aria-sort") !== "ascending";
		const rows = [...body.rows].map((row) => ({ row, value: valueOf(row, head.cellIndex, kind) }));
		rows.sort((a, b) => {
			if (a.value === undefined || b.value === undefined) return (a.value === undefined) - (b.value === undefined);
			const order = kind === "text" ? a.value.localeCompare(b.value) : a.value - b.value;
			return upwards ? order : -order;
		});
		for (const other of titles) other.closest("th").setAttribute("aria-sort", "none");
		head.setAttribute("aria-sort", upwards ? "ascending" : "descending");
		body.append(...rows.map(({ row }) => row));
	});
}
`;
