import { DARK, LIGHT, paletteProperties } from "./palette.ts";

/** What all of Graft's pages stand on: both themes, their type and its size in pixels. */
export function groundStyle(size: number): string {
	return `
:root{color-scheme:light;${paletteProperties(LIGHT)}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${paletteProperties(DARK)}}}
:root[data-theme=dark]{color-scheme:dark;${paletteProperties(DARK)}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:rgb(var(--page));color:rgb(var(--text));
font:${size}px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
h1{font-size:34px;line-height:1.2;font-weight:650;letter-spacing:-.018em;text-wrap:balance}
b{font-weight:600}
caption,.spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
`;
}
