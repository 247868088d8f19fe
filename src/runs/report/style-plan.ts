/** Rules of the plan's picture and of the strategy. */
export const PLAN_STYLE = `
.points{list-style:disc;padding-left:20px;margin-top:6px;display:grid;gap:4px;max-width:76ch}
h3.go{margin-top:26px}
.plan{margin-top:16px}
.strip{display:block;width:100%;height:108px}
.strip .once{fill:rgb(var(--blue)/.5)}
.strip .again{fill:rgb(var(--blue)/.2)}
.strip .learns{fill:rgb(var(--orange))}
.strip .cut{stroke:rgb(var(--text));stroke-width:2;stroke-dasharray:6 4;vector-effect:non-scaling-stroke}
.strip rect:hover{fill:rgb(var(--text))}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;justify-content:flex-start;margin-top:8px;font-size:13.5px}
.legend .quiet{font-size:13.5px}
.key-box::before{content:"";display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:6px}
.key-box.once::before{background:rgb(var(--blue)/.5)}
.key-box.again::before{background:rgb(var(--blue)/.2)}
.key-box.learns::before{background:rgb(var(--orange))}
.key-box.gap::before{background:rgb(var(--orange)/.18);border:1px solid rgb(var(--orange));box-sizing:border-box}
.key-cut::before{content:"";display:inline-block;height:13px;margin-right:7px;vertical-align:-2px;border-left:2px dashed rgb(var(--text))}
.key-line::before{content:"";display:inline-block;width:16px;vertical-align:4px;margin-right:6px;border-top:2px dashed rgb(var(--muted))}
.way{list-style:none;margin:20px 0 0;padding:0;display:grid;grid-auto-flow:column;grid-auto-columns:minmax(0,1fr);align-items:start;gap:30px}
.way:has(> :last-child:nth-child(3)){grid-template-columns:1.35fr 1fr 1fr}
.zone{position:relative;border:1px solid rgb(var(--line));border-top:3px solid rgb(var(--blue)/.5);border-radius:3px 3px 8px 8px;padding:12px 14px 14px;min-width:0}
.zone.again{border-top-style:dashed}
.zone.learns{border-top-color:rgb(var(--orange))}
.zone.goal{border-top-color:rgb(var(--muted))}
.zone+.zone::before{content:"→";content:"→" / "";position:absolute;left:-23px;top:8px;color:rgb(var(--muted))}
.zone-title{font-weight:600}
.zone-title .quiet{font-weight:400;font-size:13px;white-space:nowrap}
.zone ul{margin-top:6px;display:grid;gap:5px;font-size:14px}
.zone b{font-weight:500}
.gives{color:rgb(var(--muted));white-space:nowrap}
.of-block{display:block;color:rgb(var(--muted));font-size:13px}
.kept{color:rgb(var(--muted));border-top:1px solid rgb(var(--line));padding-top:5px}
.tag{font-size:12px;color:rgb(var(--orange));border:1px solid rgb(var(--orange)/.5);border-radius:4px;padding:0 4px}
.plan+.quiet{margin-top:14px}
.plan+.go{margin-top:38px}
.layers td:nth-child(2),.layers td:nth-child(3){text-align:left}
@media screen and (max-width:720px){
.strip{height:84px}
.way,.way:has(> :last-child:nth-child(3)){grid-auto-flow:row;grid-template-columns:minmax(0,1fr);gap:26px}
.zone+.zone::before{content:"↓";content:"↓" / "";left:16px;top:-26px}
}
`;
