/** Rules of the report's sections, in the order of the page. */
export const SECTION_STYLE = `
.bar{display:flex;justify-content:space-between;align-items:center;margin-bottom:20px}
#theme{color:rgb(var(--muted));font-size:13px}
.status{font-size:14px;font-weight:600;color:rgb(var(--blue))}
.status.failed{color:rgb(var(--red))}
.status.killed{color:rgb(var(--orange))}
.lead{font-size:17px;max-width:64ch;margin-top:6px;white-space:pre-line}
.meta{display:flex;flex-wrap:wrap;gap:2px 20px;margin-top:12px;color:rgb(var(--muted));font-size:14px}
.meta code{color:rgb(var(--text))}
.notice{margin-top:24px;padding:12px 16px;border-left:3px solid rgb(var(--orange));background:rgb(var(--panel));border-radius:0 6px 6px 0;font-size:14px}
.notice ul:empty{display:none}
.notice ul+details{margin-top:6px}
.notice.bad{border-color:rgb(var(--red))}
.notice.bad p{white-space:pre-wrap}
.notice ul{display:grid;gap:4px}
.notice details ul{margin-top:8px}

.headline{display:grid;grid-template-columns:minmax(280px,2fr) 3fr;gap:32px 56px;align-items:start;margin-top:36px}
.big{font-size:76px;line-height:1;font-weight:650;letter-spacing:-.035em;margin-left:-.04em}
.big .unit{font-size:36px;font-weight:500;letter-spacing:0;margin-left:.12em;color:rgb(var(--muted))}
.big.none{font-size:40px;letter-spacing:-.02em;color:rgb(var(--muted))}
.what{font-size:16px;margin-top:8px}
.interval{display:block;width:100%;max-width:340px;margin:16px 0 2px -6px}
.interval .scale{stroke:rgb(var(--line));stroke-width:1.5}
.interval .range{fill:rgb(var(--blue)/.28)}
.interval .point{fill:rgb(var(--blue))}
.interval .guess{fill:rgb(var(--muted))}
.score .quiet{font-size:13px}
.facts>div{display:grid;grid-template-columns:104px 1fr;gap:16px;padding:7px 0;border-top:1px solid rgb(var(--line))}
.facts>div:last-child{border-bottom:1px solid rgb(var(--line))}
dt{color:rgb(var(--muted))}

.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:32px 40px;margin-top:14px}
figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:0 16px}
.readout{font-size:14px;color:rgb(var(--muted));display:flex;gap:14px}
.readout b{color:rgb(var(--text));font-weight:600}
.key::before{content:"";display:inline-block;width:16px;vertical-align:4px;margin-right:5px;border-top:2.5px solid rgb(var(--blue))}
.key.train::before{border-top:2.5px dashed rgb(var(--orange))}
.plot{margin-top:6px;touch-action:pan-y}
.plot svg{display:block;width:100%;overflow:visible}
.grid{stroke:rgb(var(--line));stroke-width:1}
.tick{fill:rgb(var(--muted));font-size:12.5px}
.curve{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round;stroke:rgb(var(--blue))}
.curve.train{stroke:rgb(var(--orange));stroke-dasharray:5 4.5;stroke-width:2}
.mark,.dot,.label{fill:rgb(var(--blue))}
.mark.train,.dot.train,.label.train{fill:rgb(var(--orange))}
.dot{stroke:rgb(var(--page));stroke-width:2;opacity:0}
.epoch-mark{stroke:rgb(var(--muted));stroke-width:1;stroke-dasharray:2 3}
.cursor{stroke:rgb(var(--muted));stroke-width:1;opacity:0}
.plot.reading .dot,.plot.reading .cursor{opacity:1}
.label{font-size:13px;font-weight:600}
.numbers{margin-top:18px;font-size:14px}
.numbers summary{color:rgb(var(--muted));width:fit-content}
.numbers .scroll{margin-top:10px;max-height:420px;overflow:auto}
.plain th,.plain td{text-align:right;padding:4px 0 4px 28px;border-bottom:1px solid rgb(var(--line));white-space:nowrap}
.plain th:first-child{padding-left:0}
.plain thead th{color:rgb(var(--muted));position:sticky;top:0;background:rgb(var(--page))}

.swatch{display:inline-block;width:11px;height:11px;border-radius:3px;margin:0 2px 0 8px}
.swatch.right{background:rgb(var(--blue)/var(--shade))}
.swatch.wrong{background:rgb(var(--orange)/var(--shade))}
.matrix{display:flex;flex-wrap:wrap;align-items:flex-start;gap:24px 56px;margin-top:16px}
.matrix .scroll{min-width:0;max-width:100%}
.matrix.large{display:grid;grid-template-columns:minmax(0,1fr)}
.confused{flex:1 1 240px;min-width:0;max-width:100%}
.confused ol{list-style:none;margin:6px 0 0;padding:0;max-width:420px}
.confused button{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 6px;width:100%;text-align:left;padding:5px 0;border:0;border-top:1px solid rgb(var(--line));border-radius:0}
.confused button:hover{color:rgb(var(--blue))}
.confused b{margin-left:auto;padding-left:12px}
.matrix.large ol{columns:2;column-gap:40px;max-width:none}
.confusion{border-collapse:separate;border-spacing:2px;font-size:14px}
.confusion td{min-width:56px;height:44px;padding:0;text-align:center;border-radius:5px;background:rgb(var(--panel));color:rgb(var(--muted))}
.confusion td.right{background:rgb(var(--blue)/calc(var(--share)*var(--shade)))}
.confusion td.wrong{background:rgb(var(--orange)/calc(var(--share)*var(--shade)))}
.confusion button{width:100%;height:100%;min-height:inherit;padding:0;border:0;color:rgb(var(--text));font-weight:600}
.confusion button:hover{box-shadow:inset 0 0 0 2px rgb(var(--text)/.55);border-radius:5px}
.confusion thead th{padding:0 6px 4px;text-align:center;vertical-align:bottom;max-width:120px}
.confusion tbody th{padding-right:12px;max-width:220px;text-align:right;position:sticky;left:0;background:rgb(var(--page));z-index:1}
.confusion th bdi{display:block;max-height:3.1em;overflow:hidden}
.confusion td.corner{background:none;min-width:96px;font-size:12.5px;text-align:right;padding:0 12px 4px 0;vertical-align:bottom;position:sticky;left:0;background:rgb(var(--page));z-index:1}
.confusion td.recall{background:none;color:rgb(var(--text));text-align:right;padding-left:14px;white-space:nowrap}
.confusion th.recall{text-align:right;color:rgb(var(--muted))}
.confusion .of{color:rgb(var(--muted));font-size:12.5px;margin-left:4px}
.confusion.large{border-spacing:1px;font-size:12px}
.confusion.large td{min-width:24px;height:24px;border-radius:3px}
.confusion.large thead th:not(.recall) span{display:inline-block;writing-mode:vertical-rl;transform:rotate(180deg);max-height:130px;overflow:hidden;white-space:nowrap}
.confusion.large th bdi{max-height:none;white-space:nowrap;text-overflow:ellipsis}
.confusion.large thead th{padding:0 0 4px}
@media screen{
.matrix.large .scroll{max-height:min(88vh,960px);overflow:auto}
.confusion.large thead th,.confusion.large td.corner{position:sticky;top:0;background:rgb(var(--page));z-index:2}
.confusion.large td.corner{z-index:3}
}

.confusion.large tbody th{max-width:150px}

.photos{display:grid;grid-template-columns:repeat(auto-fill,minmax(148px,1fr));gap:24px 20px;margin-top:16px}
.frame{aspect-ratio:1;display:grid;place-items:center;background:rgb(var(--panel));border-radius:8px;overflow:hidden}
.frame img{width:100%;height:100%;object-fit:contain;display:block}
.photo{min-width:0}
.verdict{display:grid;grid-template-columns:minmax(0,1fr);margin-top:8px;line-height:1.4}
.said{font-weight:600;color:rgb(var(--orange))}
.said.right{color:rgb(var(--blue))}
.verdict.several bdi{display:inline;white-space:normal}
.verdict:not(.several) bdi,.confused bdi{display:inline-block;max-width:100%;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;vertical-align:bottom}
.path{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden;color:rgb(var(--muted));font-size:12.5px;line-height:1.4;margin-top:2px}
dialog{width:min(920px,calc(100vw - 32px));max-height:min(86vh,900px);overflow:auto;border:1px solid rgb(var(--line));border-radius:12px;padding:0 28px 28px;background:rgb(var(--page));color:inherit}
dialog::backdrop{background:rgb(0 0 0/.5)}
dialog form{display:flex;justify-content:space-between;align-items:center;gap:24px;position:sticky;top:0;background:rgb(var(--page));padding:20px 0 12px;z-index:1}
dialog h2{margin:0}

.yaml{margin:14px 0 0;padding:18px 22px;background:rgb(var(--panel));border-radius:8px;overflow:auto;max-height:760px;line-height:1.6;overflow-wrap:normal}
.yaml-key{color:rgb(var(--blue))}
.comment{color:rgb(var(--muted))}
.phases{width:100%;margin-top:12px}
.phases th,.phases td{padding:5px 16px 5px 0;vertical-align:baseline}
.phases th{white-space:nowrap;width:1%}
.phases .seconds{text-align:right;white-space:nowrap;width:1%;font-weight:600}
.phases .detail{color:rgb(var(--muted));font-size:14px;width:36%;padding-right:0}
.track span{display:block;height:9px;border-radius:5px;background:rgb(var(--blue)/.75);width:calc(var(--share)*100%)}
.pairs{margin-top:10px}
.pairs>div{display:grid;grid-template-columns:minmax(104px,190px) 1fr;gap:16px;padding:5px 0}
.hash{overflow-wrap:anywhere;color:rgb(var(--muted))}
@media screen and (max-width:720px){
.headline{grid-template-columns:1fr}
.big{font-size:64px}
.confusion td{min-width:42px}
.confusion thead th:not(.recall) span{display:inline-block;writing-mode:vertical-rl;transform:rotate(180deg);max-height:120px;overflow:hidden}
.confusion thead th{padding:0 0 6px}
.confusion thead th:not(.recall) bdi{max-width:2.9em;max-height:none}
.matrix.large ol{columns:1}
.tick{font-size:15.5px}
.label{font-size:15px}
.confusion tbody th{max-width:110px}
.photos{grid-template-columns:repeat(auto-fill,minmax(128px,1fr));gap:20px 14px}
.yaml{padding:14px 16px;margin-left:-18px;margin-right:-18px;border-radius:0}
.phases{display:block}
.phases tbody{display:grid;gap:14px}
.phases tr{display:grid;grid-template-columns:1fr auto;gap:2px 12px}
.phases th,.phases td{padding:0}
.phases .track{grid-row:2;grid-column:1/3}
.phases .detail{grid-column:1/3;width:auto}
.phases td:empty{display:none}
.phases .track:empty{display:block}
.phases th{width:auto}
.pairs>div{grid-template-columns:1fr;gap:0}
dialog{padding:0 16px 20px}
}
`;
