import { CURVES_SCRIPT } from "./script-curves.ts";
import { MATRIX_SCRIPT } from "./script-matrix.ts";
import { PHOTOS_SCRIPT } from "./script-photos.ts";
import { TABLES_SCRIPT } from "./script-tables.ts";
import { THEME_SCRIPT } from "./theme-script.ts";

/**
 * What the page's own script does, in a browser: reading curves epoch by epoch, walking the confusion matrix, sorting
 * tables, opening the photos behind a cell or a class, heat maps, and the theme. Without it the page still tells
 * everything but the photos of the cells. Texts are set as text, never as markup.
 */
export const SCRIPT = `"use strict";
(() => {
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

${THEME_SCRIPT}
${CURVES_SCRIPT}
${MATRIX_SCRIPT}
${TABLES_SCRIPT}
${PHOTOS_SCRIPT}
// Paper shows what is folded on the screen, unless it would fill pages.
addEventListener("beforeprint", () => { for (const folded of all("details")) if (all("tr, li", folded).length <= 60) folded.open = true; });
})();
`;
