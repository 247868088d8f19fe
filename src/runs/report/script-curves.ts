/** Curves of the page: pointer and arrow keys move a cursor from epoch to epoch, in all charts at once. Part of its script. */
export const CURVES_SCRIPT = `// Curves: pointer and arrow keys move a cursor from epoch to epoch, in all charts at once.
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
`;
