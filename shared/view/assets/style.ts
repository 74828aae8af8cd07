/**
 * The console's one stylesheet. Colours come in pairs by light-dark(); contrast of each pair on the grounds where it is
 * used is at least 4.5 (text) or 3 (edges). Sizes in rem; the page turns at 820 px. Print and forced colours keep working
 * because marks are masks over the text's own colour and every status has its word.
 */

const stroke = (shape: string): string =>
  `url("data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='none' stroke='black' stroke-width='1.6' stroke-linecap='round' stroke-linejoin='round'>${shape}</svg>")`;

const icons = {
  met: stroke("<path d='M3 8.6l3.3 3.2L13 4.9'/>"),
  wait: stroke("<circle cx='8' cy='5' r='2.6'/><path d='M2.9 13.8c.6-2.8 2.5-4.1 5.1-4.1s4.500 1.300 5.100 4.100'/>"),
  open: stroke("<circle cx='8' cy='9' r='5.2'/><path d='M8 6.200V9l1.900 1.200M6.300 1.600h3.400'/>"),
  stop: stroke("<circle cx='8' cy='8' r='6'/><path d='M3.800 12.200l8.400-8.400'/>"),
  work: stroke(
    "<path d='M13.200 6.300A5.500 5.500 0 0 0 3.500 5M2.800 9.700a5.500 5.500 0 0 0 9.700 1.300M3.300 2v3h3M12.700 14v-3h-3'/>",
  ),
  unknown: stroke("<circle cx='8' cy='8' r='6' stroke-dasharray='2.400 2.300'/>"),
  rule: stroke("<path d='M2 5.500h12v5H2zM5 5.500V8M8 5.500v3M11 5.500V8'/>"),
  undo: stroke("<path d='M3 6.500h6.500a3.500 3.500 0 0 1 0 7H6M3 6.500l3-3M3 6.500l3 3'/>"),
};

const tokens = `:root{color-scheme:light dark;
--paper:light-dark(#f7f6f3,#12110f);--surface:light-dark(#fff,#1a1916);--sunken:light-dark(#f2f0ec,#22201d);
--line:light-dark(#e6e3dd,#2d2b27);--line-2:light-dark(#cfcbc2,#433f39);--edge:light-dark(#87837a,#7d786e);
--ink:light-dark(#1c1b18,#edeae4);--ink-2:light-dark(#55524b,#b9b4a9);--ink-3:light-dark(#6b675f,#9b958a);
--steel:light-dark(#2c5a7a,#8db9d8);
--met:light-dark(#1e7b4d,#6bc596);--met-bg:light-dark(#e8f3ec,#16281f);
--wait:light-dark(#5b46c6,#afa5ff);--wait-bg:light-dark(#f0edfc,#211e38);
--open:light-dark(#8a5300,#e5ad52);--open-bg:light-dark(#fbf1dd,#2e2413);
--stop:light-dark(#b42318,#ff9488);--stop-bg:light-dark(#fcecea,#3a1d19);
--sans:"Segoe UI Variable Text","Segoe UI",Inter,-apple-system,system-ui,Roboto,"Helvetica Neue",sans-serif;
--mono:"Cascadia Mono","Cascadia Code",ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
.met{--i:${icons.met}}.wait{--i:${icons.wait}}.open{--i:${icons.open}}.stop{--i:${icons.stop}}
.work{--i:${icons.work}}.unknown{--i:${icons.unknown}}.au{--i:${icons.rule}}.undo{--i:${icons.undo}}`;

const base = `*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:72px}
body{margin:0;min-height:100vh;background:var(--paper);color:var(--ink);font:400 .875rem/1.45 var(--sans);font-variant-numeric:tabular-nums;-webkit-font-smoothing:antialiased;overflow-wrap:break-word}
h1,h2,h3,p,ul,ol,dl,dd,figure{margin:0;padding:0}ul,ol{list-style:none}
h1{font-size:1.25rem;line-height:1.35;font-weight:600;letter-spacing:-.012em;font-variant-numeric:normal;text-wrap:balance;max-width:62ch}
h1.verdict{font-size:1.875rem;line-height:1.25;font-weight:550;letter-spacing:-.021em;max-width:34em;text-wrap:pretty}
h2{font-size:1rem;line-height:1.4;font-weight:600;letter-spacing:-.006em}h3{font-size:.8125rem;line-height:1.5;font-weight:600}
a{color:inherit;text-decoration-color:var(--edge);text-underline-offset:3px;text-decoration-thickness:1px}a:hover{text-decoration-color:currentColor}
button,input,textarea{font:inherit;color:inherit}button{cursor:pointer}
:focus-visible{outline:2px solid var(--steel);outline-offset:2px;border-radius:4px}h1:focus,main:focus{outline:none}
code{font-family:var(--mono);font-size:.9375em;letter-spacing:-.01em;overflow-wrap:anywhere}
.q{color:var(--ink-2)}.f{color:var(--ink-3)}.sm{font-size:.75rem;line-height:1.35}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:16px;top:-80px;z-index:9;background:var(--ink);color:var(--paper);padding:8px 12px;border-radius:6px}.skip:focus{top:10px}`;

const bar = `.bar{position:sticky;top:0;z-index:5;display:flex;align-items:stretch;gap:32px;min-height:56px;padding:0 max(24px,50vw - 576px);background:var(--paper);border-bottom:1px solid var(--line-2)}
.bar::after{content:"";position:absolute;inset:auto 0 0;height:4px;background:repeating-linear-gradient(90deg,var(--line-2) 0 1px,transparent 1px 12px)}
.brand{display:flex;align-items:center;gap:9px;font-size:1rem;font-weight:650;letter-spacing:-.015em;text-decoration:none}
.brand svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}.brand .w{fill:currentColor;stroke:none}
.bar nav{display:flex;gap:4px}.bar nav a{position:relative;display:flex;align-items:center;gap:6px;padding:0 12px;color:var(--ink-2);font-weight:500;text-decoration:none}.bar nav a:hover,.bar nav a[aria-current]{color:var(--ink)}.bar nav a[aria-current]{font-weight:600}
.bar a:focus-visible{outline-offset:-5px}
.bar nav a[aria-current]::after{content:"";position:absolute;z-index:1;left:50%;bottom:-13px;width:14px;height:13px;margin-left:-7px;background:var(--ink);clip-path:polygon(43% 0,57% 0,57% 30%,82% 30%,100% 100%,0 100%,18% 30%,43% 30%)}
.n{min-width:18px;padding:0 5px;border-radius:9px;background:var(--wait-bg);color:var(--wait);font-size:.75rem;line-height:18px;text-align:center;font-weight:600}
.me{display:flex;align-items:center;gap:12px;margin-left:auto;font-size:.8125rem;color:var(--ink-2);white-space:nowrap}.me b{font-weight:600;color:var(--ink)}
main{max-width:1200px;margin:0 auto;padding:28px 24px 40px}
.lead{margin-bottom:20px}.lead>p{color:var(--ink-2);margin-top:6px;max-width:80ch}.lead .verdict+p{font-size:1rem;margin-top:6px}
.verdict .s{font-weight:inherit;gap:6px}.verdict .s::before{width:24px;height:24px}
.crumb{font-size:.8125rem;margin-bottom:6px;color:var(--ink-2)}
.bottom{display:flex;gap:4px 20px;flex-wrap:wrap;margin:0 max(24px,50vw - 576px);padding:14px 0 28px;border-top:1px solid var(--line);font-size:.75rem;color:var(--ink-3)}.bottom .end{margin-left:auto}`;

const marks = `.s{display:inline-flex;gap:5px;align-items:baseline;font-weight:550;white-space:nowrap}
.s::before,.au::before,.undo::before{content:"";flex:none;width:15px;height:15px;align-self:center;background:currentColor;-webkit-mask:var(--i) center/contain no-repeat;mask:var(--i) center/contain no-repeat}
.s.wait{color:var(--wait)}.s.open{color:var(--open)}.s.stop{color:var(--stop)}.s.work,.s.unknown{color:var(--ink-2)}.s.met{color:var(--ink-2);font-weight:400}.s.met::before{color:var(--met)}
.pill{padding:2px 9px 2px 7px;border-radius:99px;font-size:.8125rem}
.pill.met{background:var(--met-bg);color:var(--met);font-weight:550}.pill.wait{background:var(--wait-bg)}.pill.open{background:var(--open-bg)}.pill.stop{background:var(--stop-bg)}.pill.work,.pill.unknown{background:var(--sunken)}
.au{display:inline-flex;gap:4px;align-items:center;height:19px;padding:0 6px 0 4px;border:1px solid var(--line-2);border-radius:4px;background:var(--surface);font:400 .71875rem/1 var(--mono);white-space:nowrap;color:var(--ink)}.au::before{width:12px;height:12px;background:var(--ink-3)}
.pips{display:inline-flex;gap:3px;margin-right:6px}.pips i{width:10px;height:10px;border-radius:50%;border:1.5px solid var(--wait)}.pips .y{background:var(--wait)}
.btn{display:inline-flex;align-items:center;justify-content:center;gap:6px;min-height:34px;padding:5px 14px;border:1px solid var(--edge);border-radius:6px;background:var(--surface);color:var(--ink);font-size:.8125rem;font-weight:550;text-decoration:none;white-space:nowrap}.btn:hover{border-color:var(--ink)}
.btn.go{background:var(--ink);border-color:var(--ink);color:var(--paper)}.btn.small{min-height:28px;padding:2px 10px;border-color:var(--line-2)}.btn[aria-disabled=true]{color:var(--ink-3);background:var(--sunken);border-color:var(--line);cursor:default}
.note{display:flex;gap:8px;padding:10px 14px;border-radius:6px;font-size:.8125rem;background:var(--sunken)}.note.open{background:var(--open-bg)}.note.stop{background:var(--stop-bg)}.note.wait{background:var(--wait-bg)}.note.met{background:var(--met-bg)}.note .s{align-self:start;height:1.2rem}.note .s.met::before{width:15px}
.why{font-size:.8125rem;color:var(--ink-2);max-width:48ch}.acts .why{max-width:26ch}`;

const panels = `.panel{background:var(--surface);border:1px solid var(--line);border-radius:10px}.panel+.panel,.panel+.note,.note+.panel,.lead+.note,.note+.note,.note+.two{margin-top:20px}
.panel>.head{display:flex;align-items:baseline;gap:4px 12px;flex-wrap:wrap;padding:14px 16px 10px}.panel>.head .end{margin-left:auto}
.panel>.foot,.panel>.body{padding:12px 16px 14px;border-top:1px solid var(--line);font-size:.8125rem;color:var(--ink-2)}.panel>.body{color:var(--ink);font-size:.875rem}.panel>.body:first-child{border-top:0}
.ask{display:grid;grid-template-columns:minmax(0,1.15fr) minmax(0,1fr) minmax(176px,max-content);gap:6px 28px;padding:16px;border-top:1px solid var(--line)}
.ask>header{grid-column:1/-1;display:flex;gap:4px 12px;flex-wrap:wrap;align-items:baseline;margin-bottom:6px}.ask>header .end{margin-left:auto}.ask h3{font-size:.9375rem}.ask h3 a{text-decoration:none}.ask h3 a:hover{text-decoration:underline}
.ask>header p{flex-basis:100%;color:var(--ink-2);font-size:.8125rem}.ask .note{grid-column:1/-1;margin-top:6px}
.acts{display:grid;gap:8px;align-content:start}.acts form{display:grid}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:3px 16px;align-content:start;font-size:.8125rem}.facts>div{display:contents}dt{color:var(--ink-3)}dd{min-width:0}
.diff{font:400 .78125rem/1.6 var(--mono);border:1px solid var(--line);border-radius:6px;overflow:hidden;background:var(--surface);align-self:start}
.diff>*{display:block;position:relative;padding:0 12px 0 28px;text-decoration:none;overflow-wrap:anywhere;white-space:pre-wrap}.diff>.dh{padding:4px 12px;background:var(--sunken);color:var(--ink-2);font:400 .75rem/1.5 var(--sans);border-bottom:1px solid var(--line);white-space:normal}
.diff del{background:var(--stop-bg)}.diff ins{background:var(--met-bg)}.diff del::before,.diff ins::before{position:absolute;left:12px;font-weight:600}.diff del::before{content:"−";color:var(--stop)}.diff ins::before{content:"+";color:var(--met)}
.two{display:grid;grid-template-columns:minmax(0,7fr) minmax(0,5fr);gap:20px;align-items:start}.two>*+*{margin-top:0!important}.stack{display:grid;gap:20px}.stack>*+*{margin-top:0!important}
.row{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:2px 16px;padding:11px 16px;border-top:1px solid var(--line)}.row b{font-weight:600}.row .meta{display:flex;gap:2px 12px;flex-wrap:wrap;align-items:center;font-size:.8125rem;color:var(--ink-2);margin-top:2px}.row .right{display:grid;gap:6px;justify-items:end;align-content:space-between}
.tale li{position:relative;display:grid;grid-template-columns:5.5rem minmax(0,1fr);gap:0 10px;padding:6px 16px 6px 34px;font-size:.8125rem}.tale li::before{content:"";position:absolute;left:16px;top:.85rem;width:8px;height:8px;border-radius:50%;border:1.5px solid var(--edge)}.tale li::after{content:"";position:absolute;left:19.500px;top:calc(.85rem + 8px);bottom:-.85rem;width:1px;background:var(--line-2)}.tale li:last-child::after{display:none}.tale .written::before{background:var(--ink);border-color:var(--ink)}.tale .refused::before{border-color:var(--stop)}.tale{padding-bottom:10px}
.field{display:grid;gap:4px;margin:14px 0}.field label{font-weight:600;font-size:.8125rem}.field p{font-size:.75rem}textarea{width:100%;padding:8px 10px;border:1px solid var(--edge);border-radius:6px;background:var(--surface)}
.line{display:flex;gap:8px 12px;flex-wrap:wrap;align-items:center}
.hist{display:block;width:100%;height:72px;overflow:visible}.hist rect{fill:var(--steel)}.hist line{stroke:var(--edge);stroke-width:1;vector-effect:non-scaling-stroke}
.ages{display:flex;margin-top:4px}.ages li{flex:1 1 0;min-width:0;display:grid;justify-items:center;text-align:center;font-size:.75rem;line-height:1.35;color:var(--ink-3)}.ages b{font-weight:600;font-size:.8125rem;color:var(--ink)}.request .ask{border-top:0}.ask h2{font-size:.9375rem}.ask h2 a{text-decoration:none}.ask h2 a:hover{text-decoration:underline}.ask .wide{grid-column:1/-1;margin-top:6px}
details>summary{cursor:pointer;font-size:.8125rem}.names{columns:2;column-gap:28px;font-size:.8125rem;margin-top:8px}.names li{break-inside:avoid}.names a{display:inline-block;padding:4px 0}
#fresh{position:fixed;left:50%;bottom:20px;translate:-50% 0;z-index:6}#fresh[hidden]{display:none}`;

const narrow = `@media (max-width:1080px){.me .id{display:none}
.ask{grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:14px 28px}.acts{grid-column:1/-1;grid-template-columns:max-content max-content}.acts .why{grid-column:1/-1;max-width:none}}
@media (max-width:820px){
.bar{flex-wrap:wrap;gap:0 12px;padding:0 16px}.brand{min-height:48px}.bar nav{order:3;flex-basis:100%;margin:0 -12px}.bar nav a{min-height:40px}main{padding:20px 16px 32px}.bottom{margin:0 16px}
h1.verdict{font-size:1.375rem}.verdict .s::before{width:20px;height:20px}
.ask{grid-template-columns:minmax(0,1fr);gap:14px}.acts{grid-template-columns:1fr 1fr}.btn{min-height:40px}.btn.small{min-height:32px}
.two,.names{grid-template-columns:minmax(0,1fr);columns:1}.tale li{grid-template-columns:minmax(0,1fr)}.me .id,.me .as{display:none}}
@media (max-width:520px){.found{grid-template-columns:minmax(0,1fr)}.found .right{grid-auto-flow:column;justify-content:space-between;align-items:baseline;margin-top:4px}}
@media (prefers-reduced-motion:no-preference){.btn,.bar nav a{transition:border-color .12s,color .12s}}
@media (forced-colors:active){.s::before,.au::before{background:CanvasText}.pips .y{background:Highlight}}
@media print{.bar nav,.acts,.skip{display:none}}`;

/** Served as a file of its own: the pages' policy allows no style in the markup. */
export const style = [tokens, base, bar, marks, panels, narrow].join("\n");
