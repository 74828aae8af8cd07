/** Type, the bar that is the beam, the foot, the list of keys. */

const base = `*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:72px}
body{margin:0;min-height:100vh;background:var(--paper);color:var(--ink);font:400 .875rem/1.4286 var(--sans);font-variant-numeric:tabular-nums;-webkit-font-smoothing:antialiased;overflow-wrap:break-word}
h1,h2,h3,p,ul,ol,dl,dd,figure,table{margin:0;padding:0}ul,ol{list-style:none}
h1{font-size:1.25rem;line-height:1.4;font-weight:600;letter-spacing:-.012em;font-variant-numeric:normal;text-wrap:balance;max-width:62ch}
h1.verdict{font-size:1.875rem;line-height:1.25;font-weight:550;letter-spacing:-.021em;max-width:34em;text-wrap:pretty}
h2{font-size:1rem;line-height:1.5;font-weight:600;letter-spacing:-.006em}h3{font-size:.8125rem;line-height:1.5;font-weight:600}
a{color:inherit;text-decoration-color:var(--edge);text-underline-offset:3px;text-decoration-thickness:1px}a:hover{text-decoration-color:currentColor}
button,input,textarea,select{font:inherit;color:inherit}button,summary{cursor:pointer}
:focus-visible{outline:2px solid var(--steel);outline-offset:2px;border-radius:4px}h1:focus,main:focus{outline:none}
code,kbd{font-family:var(--mono);font-size:.9375em;letter-spacing:-.01em;overflow-wrap:anywhere}
kbd{display:inline-grid;place-items:center;min-width:20px;height:20px;padding:0 5px;border:1px solid var(--line-2);border-radius:4px;background:var(--surface);color:var(--ink);font-size:.71875rem;line-height:1}
.q{color:var(--ink-2)}.f{color:var(--ink-3)}.sm{font-size:.75rem;line-height:1.3333}.b{font-weight:600}.nw{white-space:nowrap}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.i{display:inline-block;flex:none;width:16px;height:16px;background:currentColor;-webkit-mask:var(--i) center/contain no-repeat;mask:var(--i) center/contain no-repeat;vertical-align:-3px}
[hidden]{display:none!important}
.skip{position:absolute;left:16px;top:-80px;z-index:9;background:var(--ink);color:var(--paper);padding:8px 12px;border-radius:6px}.skip:focus{top:10px}`;

const bar = `.bar{position:sticky;top:0;z-index:6;display:flex;align-items:stretch;gap:18px;min-height:56px;padding:0 max(24px,50vw - 696px);background:var(--paper);border-bottom:1px solid var(--line-2)}
.bar::after{content:"";position:absolute;inset:auto 0 0;height:4px;pointer-events:none;background:repeating-linear-gradient(90deg,var(--line-2) 0 1px,transparent 1px 12px)}
.brand{display:flex;align-items:center;gap:9px;font-size:1rem;font-weight:650;letter-spacing:-.015em;text-decoration:none}
.mk{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}.mk .w{fill:currentColor;stroke:none}
.bar nav{display:flex}.bar nav>ul{display:flex;gap:2px}.bar nav>ul>li{display:flex}
.bar nav a,.bar summary{position:relative;display:flex;align-items:center;gap:6px;padding:0 8px;color:var(--ink-2);font-weight:500;text-decoration:none;white-space:nowrap}
.bar nav a:hover,.bar summary:hover,.bar nav [aria-current]{color:var(--ink)}.bar nav [aria-current]{font-weight:600}
.bar a:focus-visible,.bar summary:focus-visible{outline-offset:-5px}.bar summary{list-style:none;height:100%}.bar summary::-webkit-details-marker{display:none}
.bar nav>ul>li>[aria-current]::after,.bar nav details>[aria-current]::after{content:"";position:absolute;z-index:1;left:50%;bottom:-13px;width:14px;height:13px;margin-left:-7px;background:var(--ink);clip-path:polygon(43% 0,57% 0,57% 30%,82% 30%,100% 100%,0 100%,18% 30%,43% 30%)}
.bar nav>ul>li>a>.i,.bar nav summary>.i-more,.bar nav .small{display:none}
.n{min-width:18px;padding:0 5px;border-radius:9px;background:var(--wait-bg);color:var(--wait);font-size:.75rem;line-height:18px;text-align:center;font-weight:600}
.drop{position:relative}.drop>:last-child{position:absolute;z-index:8;top:calc(100% - 2px);min-width:13.5rem;padding:6px;border:1px solid var(--line-2);border-radius:10px;background:var(--surface);box-shadow:0 8px 24px rgb(0 0 0/.14);font-size:.8125rem}
.drop:not([open])>:last-child{display:none}.drop .menu a{padding:7px 10px;border-radius:6px;color:var(--ink)}.drop .menu a:hover{background:var(--sunken)}
.ctl{display:flex;align-items:center;gap:14px;margin-left:auto;font-size:.8125rem;color:var(--ink-2);white-space:nowrap}.ctl b{font-weight:600;color:var(--ink)}@media (min-width:1321px){.ctl,.ctl .mode{min-width:0}.ctl .mode{overflow:hidden;text-overflow:ellipsis}.ctl>:not(.mode){flex:none}}.ctl .drop{align-self:stretch}.ctl .drop>:last-child{right:0;padding:12px 14px}.ctl .drop summary{padding:0 2px}
.live{display:inline-flex;align-items:center;gap:7px}.live::before{content:"";width:7px;height:7px;border-radius:50%;background:var(--met)}.live.late{color:var(--stop)}.live.late::before{background:none;border:1.5px solid var(--stop)}
.seg{display:inline-flex;padding:2px;border:1px solid var(--line);border-radius:8px;background:var(--sunken)}
.seg>*{display:inline-flex;align-items:center;justify-content:center;gap:6px;min-height:26px;min-width:28px;padding:0 10px;border:0;border-radius:6px;background:none;font-size:.8125rem;color:var(--ink-2);text-decoration:none;white-space:nowrap}.seg>:hover{color:var(--ink)}.seg>[aria-pressed=true],.seg>[aria-current]{background:var(--surface);color:var(--ink);font-weight:550;box-shadow:0 0 0 1px var(--line-2)}.seg.icons>*{padding:0 5px}`;

const foot = `main{max-width:1440px;margin:0 auto;padding:28px 24px 40px}
.lead{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 24px;align-items:start;margin-bottom:20px}.lead>*{grid-column:1}.lead>p{color:var(--ink-2);margin-top:4px;max-width:90ch}.lead .verdict+p{font-size:1rem;margin-top:6px}.lead>.end{grid-column:2;grid-row:1/span 3;display:flex;gap:8px;flex-wrap:wrap;justify-content:end}
.verdict a{text-decoration-thickness:1px;text-underline-offset:5px;text-decoration-color:currentColor}
.verdict .then{display:block}.verdict .s{display:inline;font-weight:inherit;white-space:normal}.verdict .s::before{display:inline-block;width:22px;height:22px;margin-right:6px;vertical-align:-3px}
.crumb{font-size:.8125rem;margin-bottom:6px;color:var(--ink-2)}
.bottom{display:flex;gap:6px 20px;flex-wrap:wrap;align-items:center;max-width:1392px;margin:0 auto;padding:14px 0 28px;border-top:1px solid var(--line);font-size:.75rem;color:var(--ink-3)}.bottom .end{margin-left:auto;display:flex;gap:6px 14px;flex-wrap:wrap;align-items:center}.bottom .keys{display:flex;gap:6px 12px;flex-wrap:wrap;align-items:center}.bottom button{padding:2px 4px;border:0;background:none;color:inherit;font-size:inherit}.bottom button:hover{color:var(--ink)}
@media (max-width:1440px){.bottom{margin:0 24px}}
dialog{max-width:min(34rem,calc(100vw - 32px));padding:20px 24px 24px;border:1px solid var(--line-2);border-radius:10px;background:var(--surface);color:var(--ink)}dialog::backdrop{background:rgb(0 0 0/.4)}dialog .head{display:flex;justify-content:space-between;align-items:center;margin-bottom:8px}
.keylist{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:7px 20px;font-size:.8125rem;align-items:center}.keylist>div{display:contents}dialog label{display:flex;gap:8px;align-items:center;margin-top:16px;font-size:.8125rem;color:var(--ink-2)}
#fresh{position:fixed;left:50%;bottom:20px;translate:-50% 0;z-index:7}`;

export const frame = [base, bar, foot].join("\n");
