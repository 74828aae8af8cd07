/**
 * Where the layout turns, in em, so that larger text turns it sooner: at 1320, 1180, 1140, 900, 820, 520 and 380 px of
 * ordinary text. And what people have set: motion, forced colours, no script, paper.
 */

export const narrow = `@media (max-width:82.5em){.bar{flex-wrap:wrap;row-gap:0}.brand{min-height:55px}.bar nav>ul{flex-wrap:wrap}.bar nav>ul>li{min-height:55px}.ctl{flex-wrap:wrap;justify-content:end}.btn{white-space:normal}.ctl .mode{display:none}.loop>dl{gap:4px 6px}.lhead,.loop{grid-template-columns:208px minmax(0,1fr) 370px}}
@media (max-width:73.75em){.bar{gap:14px}.bar nav a,.bar summary{padding:0 8px}
.ask{grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:14px 28px}.acts{grid-column:1/-1;grid-template-columns:max-content max-content}.acts .why{grid-column:1/-1;max-width:none}
.two,.two.rev,.two.even{grid-template-columns:minmax(0,1fr)}
.lhead,.loop{grid-template-columns:200px minmax(0,1fr)}.loop .ch,.lhead .ch{border-right:0}.lhead>:last-child{display:none}.loop>dl{grid-column:1/-1;grid-template-columns:repeat(4,minmax(0,1fr));border-top:1px solid var(--line);padding:10px 16px 12px}
.cords{display:none}.weights{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:10px 20px;min-height:0;margin-top:10px}.weights li{position:relative;left:auto;right:auto;top:auto;width:auto;margin:0;padding:0 0 0 20px}.weights li::before{position:absolute;left:0;top:3px;margin:0}.weights a{white-space:normal}}
@media (max-width:71.25em){.ctl .role{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.bar nav .small{display:block}.bar nav>ul>.wide{display:none}}
@media (max-width:56.25em) and (min-width:51.3125em){.brand span{display:none}.bar{gap:6px}.bar nav a,.bar summary{padding:0 6px}}
@media (max-width:51.25em){
body{padding-bottom:64px}main{padding:20px 16px 24px}.bottom{margin:0 16px}
.bar{min-height:52px;padding:0 16px}.bar nav{position:fixed;inset:auto 0 0;z-index:7;height:60px;background:var(--surface);border-top:1px solid var(--line-2)}.bar nav>ul{flex:1;gap:0}.bar nav>ul{flex-wrap:nowrap}.bar nav>ul>li{flex:1;min-height:0;justify-content:center}.brand{min-height:51px}.bar nav>ul>li>details{flex:1}
.bar nav>ul>li>a,.bar nav details>summary{flex:1;flex-direction:column;justify-content:center;gap:2px;padding:6px 0 0;font-size:.6875rem;line-height:14px}.bar nav>ul>li>a>.i,.bar nav summary>.i-more{display:block;width:20px;height:20px}.bar nav summary>.i-down{display:none}
.bar nav>ul>li>[aria-current]::after,.bar nav details>[aria-current]::after{bottom:auto;top:-1px;width:12px;height:9px;margin-left:-6px}
.bar nav .n{position:absolute;top:4px;left:calc(50% + 5px);min-width:16px;padding:0 4px;line-height:16px;font-size:.6875rem}
.bar nav .drop>:last-child{top:auto;bottom:calc(100% + 4px);right:4px}.ctl{gap:10px}.ctl .live{font-size:.75rem}.seg.icons>*{min-width:24px;padding:0 3px}
#fresh{bottom:72px}.bottom .keys{display:none}
h1.verdict{font-size:1.5rem;letter-spacing:-.018em}.verdict .s::before{width:20px;height:20px}.lead{grid-template-columns:minmax(0,1fr)}.lead>.end{grid-column:1;grid-row:auto;justify-content:start;margin-top:12px}
.ask{grid-template-columns:minmax(0,1fr);gap:14px}.acts{grid-template-columns:1fr 1fr}.btn{min-height:40px;white-space:normal}.btn.small{min-height:32px}
.names{columns:1}.tale li{grid-template-columns:minmax(0,1fr)}
.glance{grid-template-columns:1fr 1fr;gap:0 16px;padding-top:0}.glance>div,.glance>div:first-child{padding:10px 0;border-left:0;border-bottom:1px solid var(--line)}
.groups{display:none}.weights{grid-template-columns:minmax(0,1fr)}
.lhead{display:none}.loop{display:block}.loop>header{padding:14px 16px 8px}.loop .ch{border:0;border-top:1px solid var(--line)}.loop>dl{grid-template-columns:1fr 1fr;gap:10px 16px}.lb.wo{display:none}.lb.last{translate:-100% 0}
.find{flex:1 1 100%}.tools .end{margin-left:0}.tools .sep{display:none}
.t.cards,.t.cards tbody,.t.cards tr,.t.cards td,.t.cards tbody th{display:block;width:auto}.t.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.t.cards tr{padding:10px 16px;border-top:1px solid var(--line)}.t.cards td,.t.cards tbody th{padding:2px 0!important;border:0}.t.cards .r{text-align:left}.t.cards td[data-label]:not(:empty)::before{content:attr(data-label) " ";color:var(--ink-3);font-size:.75rem}.t.cards tr:hover td{background:none}.t.cards .wo{display:none}}
@media (max-width:32.5em){.found{grid-template-columns:minmax(0,1fr)}.found .right{grid-auto-flow:column;justify-content:space-between;align-items:baseline;margin-top:4px}.seg:not(.icons){flex-wrap:wrap}.ctl .live .w{display:none}.brand{gap:7px}}
@media (max-width:23.75em){.brand span{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}}
@media (prefers-reduced-motion:no-preference){.btn,.bar nav a{transition:border-color .12s,color .12s}.live:not(.late)::before{animation:pulse 2.4s ease-out infinite}@keyframes pulse{0%{box-shadow:0 0 0 0 color-mix(in srgb,var(--met) 50%,transparent)}70%,100%{box-shadow:0 0 0 7px transparent}}
.sk{background:linear-gradient(90deg,var(--line) 30%,var(--sunken) 50%,var(--line) 70%) 0/300% 100%;animation:sk 1.6s linear infinite}@keyframes sk{from{background-position:100% 0}to{background-position:0 0}}}
@media (forced-colors:active){.i,.s::before,.au::before,.weights li::before{background:CanvasText}.bar nav [aria-current]::after{background:Highlight!important}.pips .y{background:Highlight}.live::before,.pips i{forced-color-adjust:none}.beam .tick,.ch .data,.budget .arm,.ch .rug{stroke:CanvasText}.budget .poise{fill:CanvasText}.seg>[aria-pressed=true],.seg>[aria-current]{outline:2px solid Highlight}}
@media (scripting:enabled){.noscript{display:none}}@media (scripting:none){.bottom .keys{display:none}}
@media print{.bar nav,.ctl,.acts,.skip,.tools,.bottom .keys{display:none}.bar{position:static}body{padding:0}}`;
