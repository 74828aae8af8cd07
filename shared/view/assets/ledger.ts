/** The ledger's line with its marks, what is open below a row, and the picture of a pass. */

const dot = `width:10px;height:10px;border-radius:50%;border:2px solid var(--ink-3);background:var(--surface)`;

const rows = `.led .t td{vertical-align:middle;height:40px;padding-block:6px}.led .plain{text-decoration:none}.led .plain:hover{text-decoration:underline}.led .t tbody tr:hover td{background:none}.led .t tr.sel td,.led .t tr.sel:hover td{background:var(--wash)}
.led .m{position:relative;width:38px;padding:0!important}.led tbody .m::before{content:"";position:absolute;left:20px;top:0;bottom:0;width:1.5px;background:var(--line-2)}.led tbody tr:first-child .m::before{top:50%}.led .m i{position:absolute;left:15.500px;top:50%;margin-top:-5px}
.led .m i,.ledkey i{${dot}}.led i.written,.ledkey i.written{background:var(--ink);border-color:var(--ink)}.led i.refused,.ledkey i.refused{border-color:var(--stop)}.led i.told,.ledkey i.told{border-style:dotted;border-color:var(--ink-2)}.led i.open,.ledkey i.open{border-color:var(--ink-2)}
.led .x td{height:auto!important;padding-bottom:18px!important;border-top:0!important;vertical-align:top!important}
.ledkey{display:flex;gap:4px 18px;flex-wrap:wrap;margin-top:12px}.ledkey i{display:inline-block;vertical-align:-1px;margin-right:3px}
.detail{display:grid;grid-template-columns:minmax(0,7fr) minmax(0,5fr);gap:16px 24px;align-items:start}.detail h3{margin-bottom:6px}.detail section+section,.detail .box+section{margin-top:16px}.box{padding:12px 14px;border:1px solid var(--line-2);border-radius:6px;background:var(--surface)}.box h3{display:flex;gap:6px;align-items:center}.box p{font-size:.8125rem;color:var(--ink-2)}.box .line{margin-top:10px}.detail .box{margin-top:12px}
.detail .facts{gap:7px 16px}.chain{display:grid;grid-template-columns:max-content max-content minmax(0,1fr);gap:9px 14px;font-size:.75rem;align-items:baseline}.chain>div{display:contents}.chain+p{margin-top:10px}.detail .sm a{display:inline-block;padding:5px 0}`;

const passes = `.pass{display:block;width:100%;overflow:visible}.pass .bar0{fill:var(--steel)}.pass .bad{fill:var(--stop)}.pass .wait0{stroke:var(--edge);stroke-dasharray:3 3}.pass .axis{stroke:var(--line-2)}
.steps{counter-reset:step}.steps li{display:grid;grid-template-columns:5rem 5rem minmax(0,1fr);gap:0 12px;padding:8px 16px;border-top:1px solid var(--line);font-size:.8125rem}`;

const text = `.yaml{margin:0;padding:14px 16px;font:400 .78125rem/1.6 var(--mono);white-space:pre-wrap;overflow-wrap:anywhere;tab-size:2}.yaml:focus-visible{outline-offset:-2px}
.lv{min-height:28px;padding:2px 8px;border:1px solid var(--edge);border-radius:6px;background:var(--surface)}.modes{display:grid;gap:12px;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr))}.modes .field{margin:0}.modes+.line{margin-top:14px}.rule{display:grid;gap:4px;font-size:.875rem}.rule ul{padding-left:18px;list-style:disc}.rule li{margin:2px 0}`;

const narrow = `@media (max-width:1180px){.detail{grid-template-columns:minmax(0,1fr)}}
@media (max-width:820px){.led .t.cards td.m{display:none!important}.led .t td{height:auto}.led .t.cards .x td{padding-bottom:12px!important}.led .t.cards tr{padding:10px 16px}.led .t.cards tr.sel{background:var(--wash)}.led .t.cards tr{display:flex;flex-wrap:wrap;gap:2px 12px;align-items:baseline}.led .t.cards td:nth-child(3){flex-basis:100%;order:2}.led .t.cards td:nth-child(2){order:1}.led .t.cards td:nth-child(n+4){order:3}.led .t.cards .x td:last-child{flex-basis:100%}.steps li{grid-template-columns:4.5rem minmax(0,1fr)}.steps li>:last-child{grid-column:1/-1}}
@media (forced-colors:active){.led i.written,.ledkey i.written{background:CanvasText}.pass .bar0{fill:CanvasText}}`;

export const ledger = [rows, passes, text, narrow].join("\n");
