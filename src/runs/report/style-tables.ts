/** Rules of the tables that sort, of calibration, data, pictures and heat maps. */
export const TABLE_STYLE = `
.contents{margin-top:36px;padding:8px 0;border-top:1px solid rgb(var(--line));border-bottom:1px solid rgb(var(--line));font-size:14px}
.contents ul{display:flex;flex-wrap:wrap;gap:2px 18px}
.contents a{color:rgb(var(--muted));text-decoration:none}
.contents a:hover{color:rgb(var(--blue));text-decoration:underline}
section{scroll-margin-top:16px}
.summary{display:flex;flex-wrap:wrap;gap:2px 18px;margin-bottom:4px;font-size:15px;color:rgb(var(--text))}
.tall{margin-top:12px}
.sorting thead th{padding-bottom:6px}
.sorting thead button{border:0;padding:2px 0;color:rgb(var(--muted));font-weight:500;white-space:nowrap}
.sorting thead button:hover{color:rgb(var(--text))}
.sorting thead button::after{content:"↕";content:"↕" / "";margin-left:4px;opacity:.55}
.sorting [aria-sort=ascending] button,.sorting [aria-sort=descending] button{color:rgb(var(--text))}
.sorting [aria-sort=ascending] button::after{content:"↑";content:"↑" / "";opacity:1}
.sorting [aria-sort=descending] button::after{content:"↓";content:"↓" / "";opacity:1}
.sorting,.counts{width:100%;font-size:14.5px}
.sorting tbody th,.counts tbody th{white-space:normal;text-align:left;min-width:96px}
.sorting th:first-child,.counts th:first-child{text-align:left}
.of-class{border:0;padding:0;text-align:left;font-weight:500}
.of-class:hover{color:rgb(var(--blue))}
.of-class bdi,.counts bdi,.rival bdi{display:inline-block;max-width:220px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;vertical-align:bottom}
.sorting td.bar-cell{padding-left:14px;width:112px}
.mini{display:block;width:106px;height:14px}
.mini line{stroke:rgb(var(--line));stroke-width:1.5}
.mini rect{fill:rgb(var(--blue)/.3)}
.mini circle{fill:rgb(var(--blue))}
.sorting .rival{color:rgb(var(--muted));white-space:nowrap}
.counts td.track{width:40%;padding-left:20px}
.counts .track span{min-width:1px}
.reliability{display:flex;flex-wrap:wrap;gap:20px 48px;align-items:flex-start;margin-top:14px}
.reliability figure{width:min(340px,100%)}
.reliability figure.choice{width:min(480px,100%)}
.choice svg{display:block;width:100%}
.diagram{display:block;width:100%}
.diagram .share{fill:rgb(var(--blue)/.55)}
.diagram .gap{fill:rgb(var(--orange)/.18);stroke:rgb(var(--orange));stroke-width:1}
.diagram .ideal{stroke:rgb(var(--muted));stroke-width:1.5;stroke-dasharray:5 4}
.reliability .scroll{min-width:0;max-width:100%}
.reliability .plain{font-size:14px}
.reliability .plain :is(th,td):not(:first-child){padding-left:18px}
.counts+.quiet,.scroll+.quiet{margin-top:8px}
.reliability .plain th:first-child,.plain .text,.layers th{text-align:left}
.photo .frame,dialog .frame{position:relative}
.picture{position:absolute;overflow:hidden;display:block}
.picture img{display:block;width:100%;height:100%;object-fit:contain}
.picture .heat{position:absolute;object-fit:fill;display:none;max-width:none}
.picture .heat.part{outline:1px dashed rgb(var(--orange));outline-offset:-1px}
.hot .picture .heat{display:block}
.heat-bar{margin:10px 0 4px}
.heat-bar button[aria-pressed=true]{border-color:rgb(var(--orange));color:rgb(var(--orange));font-weight:600}
.heat-bar button[aria-pressed=true]::before{content:"✓ ";content:"✓ " / ""}
h3.group{margin-top:18px}
@media screen{.tall{max-height:560px;overflow:auto}}
@media screen and (max-width:720px){
.sorting td,.sorting th{padding-left:16px}
.sorting tbody th{min-width:84px}
.of-class bdi,.counts bdi,.rival bdi{max-width:120px}
}
@media print{
.quiet,.what,.lead,.legend,.legend .quiet,.summary,.sorting,.counts,.confusion,.numbers,.facts,.zone ul,.reliability .plain,.readout,.score .quiet{font-size:12px}
.of-class .quiet,.confused .quiet:last-child{display:none}
.numbers .scroll,.scroll.tall{max-height:none;overflow:visible}
.sorting thead button::after{content:none}
.plain thead th{position:static}
.plain th,.plain td{padding-left:12px}
.strip{height:80px}
.zone,.reliability{break-inside:avoid}
.way{gap:24px}
}
`;
