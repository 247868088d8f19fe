/** Rules of the comparison page, after those of the run's report. */
export const PAGE_STYLE = `
.facts>div{grid-template-columns:minmax(104px,210px) 1fr}
.plain.sortable th,.plain.sortable td{padding-left:18px}
.plain.sortable th:first-child{padding-left:0}
.trial{fill:rgb(var(--blue)/.38)}
.chart svg{display:block;width:100%;overflow:visible;margin-top:6px}
.chart .quiet{font-size:13px}
.slider{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;margin:8px 0}
.slider input{width:min(320px,100%);accent-color:rgb(var(--blue))}
.parallel{display:block;width:100%;min-width:680px}
.parallel .rule{stroke:rgb(var(--muted));stroke-width:1.2}
.parallel .head{fill:rgb(var(--text));font-size:13px;font-weight:600}
.parallel .tick{paint-order:stroke;stroke:rgb(var(--page));stroke-width:3px}
.line{fill:none;stroke:rgb(var(--blue)/calc(.12 + .6*var(--share)));stroke-width:1.6}
.line.best{stroke:rgb(var(--orange));stroke-width:3}
.line.faint{stroke:rgb(var(--line)/.5)}
.line.on{stroke:rgb(var(--orange));stroke-width:3.5}
.sortable th button{border:0;padding:0;font-weight:500;color:rgb(var(--muted))}
.sortable th[aria-sort=ascending] button::after{content:" ↑"}
.sortable th[aria-sort=descending] button::after{content:" ↓"}
.sortable tbody tr:hover,.sortable tbody tr.on{background:rgb(var(--panel))}
.sortable tbody tr:focus-visible{outline-offset:-2px}
`;
