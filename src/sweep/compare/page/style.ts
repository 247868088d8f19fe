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
.bad{color:rgb(var(--red))}
.of-best{color:rgb(var(--orange));font-weight:600}
.way.alone{grid-template-columns:1fr}
.squares{display:block;margin-top:10px;max-width:100%;height:auto}
.square rect{fill:rgb(var(--blue)/calc(.16 + .84*var(--share)));stroke:rgb(var(--blue));stroke-width:.75}
.square.pending rect,.square.running rect{fill:none;stroke:rgb(var(--muted));stroke-dasharray:2 2}
.square.pruned rect{stroke-dasharray:2 2}
.square.failed rect{fill:none;stroke:rgb(var(--red))}
.square path{fill:none;stroke:rgb(var(--red));stroke-width:1.5}
.square.on rect{stroke:rgb(var(--orange));stroke-width:2.5}
.failures{width:100%;margin-top:12px;font-size:14px}
.failures th,.failures td{padding:7px 24px 7px 0;vertical-align:top;border-bottom:1px solid rgb(var(--line))}
.failures thead th{color:rgb(var(--muted))}
.failures tbody th{white-space:nowrap}
a{color:rgb(var(--blue))}
@media screen and (max-width:720px){
.failures,.failures tbody,.failures tr,.failures td,.failures tbody th{display:block;padding:2px 0;border:0}
.failures thead{display:none}
.failures tr{padding:10px 0;border-bottom:1px solid rgb(var(--line))}
}
`;
