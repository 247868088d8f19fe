import { LIGHT, paletteProperties } from "./palette.ts";
import { groundStyle } from "./style-ground.ts";
import { PLAN_STYLE } from "./style-plan.ts";
import { SECTION_STYLE } from "./style-sections.ts";
import { TABLE_STYLE } from "./style-tables.ts";

/** The report's style sheet: ground, type and colour; the sections' own rules follow. */
export const STYLE = `${groundStyle(15)}:root{--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace}
main{max-width:1040px;margin:0 auto;padding:40px 32px 96px}
h1,h2,h3,p,dl,dd,figure,ul{margin:0;padding:0}
h2{font-size:19px;line-height:1.3;font-weight:650;letter-spacing:-.008em;margin-bottom:6px}
h3{font-size:15px;font-weight:600}
ul{list-style:none}
code,pre,.hash{font-family:var(--mono);font-size:13px}
section{margin-top:56px}
.quiet{color:rgb(var(--muted));font-size:14px}
button{font:inherit;color:inherit;background:none;border:1px solid rgb(var(--line));border-radius:6px;padding:4px 12px;cursor:pointer}
button:hover{border-color:rgb(var(--muted))}
summary{cursor:pointer}
:focus-visible{outline:2px solid rgb(var(--blue));outline-offset:2px;border-radius:4px}
table{border-collapse:collapse}
th{font-weight:500;text-align:left}
.scroll{overflow-x:auto;overscroll-behavior-x:contain}
${SECTION_STYLE}${PLAN_STYLE}${TABLE_STYLE}
@media screen and (max-width:720px){
main{padding:24px 18px 64px}
h1{font-size:27px}
section{margin-top:44px}
}
@media print{
:root,:root:not([data-theme=light]),:root[data-theme]{color-scheme:light;${paletteProperties(LIGHT)}}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{font-size:12px}
main{max-width:none;padding:0}
.screen,dialog{display:none}
section{margin-top:28px}
figure,.photo,tr,.headline{break-inside:avoid}
h2{break-after:avoid}
.scroll{overflow:visible}
pre.yaml{max-height:none;white-space:pre-wrap}
@page{margin:16mm}
}
`;
