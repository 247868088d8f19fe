import { LIGHT, paletteProperties } from "../../runs/report/palette.ts";
import { groundStyle } from "../../runs/report/style-ground.ts";

/** The style sheet of the page that classifies photos: the report's colours, a page of its own. */
export const WEB_STYLE = `${groundStyle(16)}main{max-width:820px;margin:0 auto;padding:28px 24px 72px}
h1,h2,h3,p,figure,ol{margin:0;padding:0}
ol{list-style:none}
h3{font-size:14px;font-weight:400;color:rgb(var(--muted))}
.bar{display:flex;justify-content:flex-end;margin-bottom:8px}
.lead{margin-top:8px;color:rgb(var(--muted));max-width:60ch}
.quiet{color:rgb(var(--muted));font-size:13.5px}
button{font:inherit;color:inherit;background:none;border:1px solid rgb(var(--line));border-radius:7px;padding:6px 14px;cursor:pointer}
button:hover{border-color:rgb(var(--muted))}
#theme{color:rgb(var(--muted));font-size:13px;padding:4px 12px}
:focus-visible{outline:2px solid rgb(var(--blue));outline-offset:3px;border-radius:5px}
.drop{display:grid;justify-items:center;gap:10px;margin-top:28px;padding:44px 20px 40px;text-align:center;border:2px dashed rgb(var(--muted)/.55);border-radius:16px;background:rgb(var(--panel))}
.drop.over{border-color:rgb(var(--blue));background:rgb(var(--blue)/.1)}
.drop svg{width:44px;height:44px;stroke:rgb(var(--blue));fill:none;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
.drop .call{font-size:19px;font-weight:600}
.drop button{background:rgb(var(--blue));border-color:rgb(var(--blue));color:rgb(var(--page));font-weight:600;padding:9px 22px}
.drop button:hover{background:rgb(var(--blue)/.88)}
#status{min-height:1.6em;margin-top:16px;text-align:center}
#status.bad{text-align:left;padding:12px 16px;border-left:3px solid rgb(var(--red));background:rgb(var(--panel));border-radius:0 6px 6px 0}
.tools{display:flex;justify-content:flex-end;gap:10px;margin-top:12px;font-size:14px}
.tools[hidden]{display:none}
.card{display:grid;grid-template-columns:224px minmax(0,1fr);gap:28px;padding:26px 0;border-top:1px solid rgb(var(--line));margin-top:20px}
.card+.card{margin-top:0}
.frame canvas{display:block;width:100%;height:auto;border-radius:10px;background:rgb(var(--panel))}
.frame canvas.few{image-rendering:pixelated}
.frame figcaption{margin-top:6px}
.failed .frame{aspect-ratio:16/6;border-radius:10px;background:rgb(var(--panel))}
.reason{color:rgb(var(--red));margin-top:4px}
.said{font-size:27px;line-height:1.25;letter-spacing:-.012em;margin:2px 0 12px}
.said b{font-weight:650}
.said span{color:rgb(var(--muted))}
.bars li{display:grid;grid-template-columns:minmax(0,9em) 1fr 4.6em;gap:12px;align-items:center;padding:3.5px 0;font-size:15px}
.bars .class{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.bars .number{text-align:right;color:rgb(var(--muted))}
.bars .track{height:10px;border-radius:5px;background:rgb(var(--line)/.7);overflow:hidden}
.bars .track span{display:block;height:100%;border-radius:5px;width:calc(var(--share)*100%);min-width:2px;background:rgb(var(--muted)/.7)}
.is-said .track span{background:rgb(var(--blue))}
.is-said .class,.bars .is-said .number{font-weight:600;color:rgb(var(--text))}
details{margin-top:4px;font-size:14px}
summary{cursor:pointer;color:rgb(var(--muted));width:fit-content}
.text>.quiet{margin-top:10px}
.foot{margin-top:48px;padding-top:16px;border-top:1px solid rgb(var(--line));display:flex;flex-wrap:wrap;gap:4px 20px}
@media (max-width:640px){
main{padding:16px 16px 56px}
h1{font-size:27px}
.drop{padding:30px 16px 28px;margin-top:20px}
.card{grid-template-columns:1fr;gap:14px}
.frame canvas{width:min(100%,260px)}
.failed .frame{display:none}
}
@media print{
:root,:root:not([data-theme=light]),:root[data-theme]{color-scheme:light;${paletteProperties(LIGHT)}}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.bar,.drop,.tools,#status{display:none}
.card{break-inside:avoid;grid-template-columns:170px minmax(0,1fr)}
main{max-width:none;padding:0}
}
`;
