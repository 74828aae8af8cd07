/**
 * Colours in pairs by light-dark(), sizes, and marks as masks over the text's own colour. The contrast of each pair on the
 * grounds where it is used is at least 4.5 (text) or 3 (edges, marks); a test computes it from this text.
 */

const shape = (drawing: string): string =>
  `url("data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='none' stroke='black' stroke-width='1.5' stroke-linecap='round' stroke-linejoin='round'>${drawing}</svg>")`;

/** Name of a class, and what it draws. */
const marks: Readonly<Record<string, string>> = {
  met: "<path d='M3 8.600l3.300 3.200L13 4.900'/>",
  wait: "<circle cx='8' cy='5' r='2.600'/><path d='M2.900 13.800c.6-2.800 2.500-4.100 5.100-4.100s4.500 1.300 5.100 4.100'/>",
  open: "<circle cx='8' cy='9' r='5.200'/><path d='M8 6.200V9l1.900 1.200M6.300 1.600h3.400'/>",
  stop: "<circle cx='8' cy='8' r='6'/><path d='M3.800 12.200l8.400-8.400'/>",
  work: "<path d='M13.200 6.300A5.500 5.500 0 0 0 3.500 5M2.800 9.700a5.500 5.500 0 0 0 9.700 1.300M3.300 2v3h3M12.700 14v-3h-3'/>",
  unknown: "<circle cx='8' cy='8' r='6' stroke-dasharray='2.400 2.300'/>",
  rule: "<path d='M2 5.500h12v5H2zM5 5.500V8M8 5.500v3M11 5.500V8'/>",
  claim:
    "<path d='M4.500 2.500h7M4.500 13.500h7M5.500 2.500v2.200L8 8l2.500-3.300V2.500M5.500 13.500v-2.200L8 8l2.500 3.300v2.200'/>",
  plan: "<path d='M8 2v2.500M5.300 7.300l.8-2.800h3.800l.8 2.800M4.600 7.300h6.800l1.500 6.200H3.100z'/>",
  undo: "<path d='M3 6.500h6.500a3.500 3.500 0 0 1 0 7H6M3 6.500l3-3M3 6.500l3 3'/>",
  "i-overview":
    "<path d='M2 6h12M5.300 6V3.300M3.800 6v3M12 6v2.400M10.400 8.400h3.200l.8 4.300H9.600zM1.800 9h4a2 2 0 0 1-4 0z'/>",
  "i-approvals":
    "<circle cx='6.500' cy='5' r='2.500'/><path d='M2 13.500c.5-2.700 2-4 4.500-4 1 0 1.800.2 2.500.6M9.500 12.300l1.700 1.600 3.200-3.600'/>",
  "i-estate": "<path d='M2 3h12v10H2zM2 6.400h12M2 9.700h12M6.200 6.400V13'/>",
  "i-access": "<circle cx='5' cy='11' r='2.700'/><path d='M7 9l6-6M10.600 5.400l2 2'/>",
  "i-capacity": "<path d='M2 13V9.500l3.500-2 3.500 2.700L14 5v8zM2 5.700L5 4'/>",
  "i-standards": "<path d='M2 5.500h12v5H2zM5 5.500V8M8 5.500v3M11 5.500V8'/>",
  "i-ledger": "<path d='M4 2.500h9v11H4.300a1.600 1.600 0 0 1 0-3.200H13M2.700 12V4A1.500 1.500 0 0 1 4 2.500'/>",
  "i-more": "<path d='M3.200 8h.1M8 8h.1M12.700 8h.1' stroke-width='2.400'/>",
  "i-system": "<circle cx='8' cy='8' r='5.700'/><path d='M8 2.300v11.400A5.700 5.700 0 0 0 8 2.300z' fill='black'/>",
  "i-light":
    "<circle cx='8' cy='8' r='2.700'/><path d='M8 1.600v1.300M8 13.100v1.300M1.600 8h1.300M13.100 8h1.300M3.500 3.500l.9.900M11.600 11.600l.9.900M12.500 3.500l-.9.900M4.400 11.600l-.9.900'/>",
  "i-dark": "<path d='M13 9.600A5.600 5.600 0 0 1 6.400 3a5.600 5.600 0 1 0 6.600 6.600z'/>",
  "i-find": "<circle cx='7' cy='7' r='4.400'/><path d='M10.400 10.400L14 14'/>",
  "i-down": "<path d='M4 6.200l4 4 4-4'/>",
  "i-x": "<path d='M4 4l8 8M12 4l-8 8'/>",
  "i-up": "<path d='M4 9.800l4-4 4 4'/>",
  "i-copy": "<path d='M5.500 5.500v-3h8v8h-3M2.500 5.500h8v8h-8z'/>",
  "i-link":
    "<path d='M6.800 9.200a2.500 2.500 0 0 0 3.600 0l2.100-2.100a2.500 2.500 0 0 0-3.600-3.600l-.9.900M9.200 6.800a2.500 2.500 0 0 0-3.600 0L3.500 8.900a2.500 2.500 0 0 0 3.600 3.600l.9-.9'/>",
  "i-lock": "<path d='M3.500 7.500h9v6h-9zM5.500 7.500V5a2.500 2.500 0 0 1 5 0v2.500'/>",
};

const masks = Object.entries(marks)
  .map(([name, drawing]) => `.${name}{--i:${shape(drawing)}}`)
  .join("");

export const tokens = `:root{color-scheme:light dark;
--paper:light-dark(#f7f6f3,#12110f);--surface:light-dark(#fff,#1a1916);--sunken:light-dark(#f2f0ec,#22201d);
--line:light-dark(#e6e3dd,#2d2b27);--line-2:light-dark(#cfcbc2,#433f39);--edge:light-dark(#87837a,#7d786e);
--ink:light-dark(#1c1b18,#edeae4);--ink-2:light-dark(#55524b,#b9b4a9);--ink-3:light-dark(#6b675f,#9b958a);
--steel:light-dark(#2c5a7a,#8db9d8);--wash:light-dark(#ebf0f4,#1b2329);
--met:light-dark(#1e7b4d,#6bc596);--met-bg:light-dark(#e8f3ec,#16281f);
--wait:light-dark(#5b46c6,#afa5ff);--wait-bg:light-dark(#f0edfc,#211e38);
--open:light-dark(#8a5300,#e5ad52);--open-bg:light-dark(#fbf1dd,#2e2413);
--stop:light-dark(#b42318,#ff9488);--stop-bg:light-dark(#fcecea,#3a1d19);
--b1:light-dark(#234a65,#4c7694);--b2:light-dark(#3b6786,#426985);--b3:light-dark(#5a86a4,#395c76);
--b4:light-dark(#7fa5bf,#304f66);--b5:light-dark(#a5c2d6,#284357);--b6:light-dark(#c9dbe7,#203748);
--sans:"Segoe UI Variable Text","Segoe UI",Inter,-apple-system,system-ui,Roboto,"Helvetica Neue",sans-serif;
--mono:"Cascadia Mono","Cascadia Code",ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
:root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark}
${masks}.au{--i:${shape(marks["rule"] ?? "")}}.au.claim{--i:${shape(marks["claim"] ?? "")}}.au.plan{--i:${shape(marks["plan"] ?? "")}}.au.undo{--i:${shape(marks["undo"] ?? "")}}`;
