/**
 * The matrix of the estate, and what stands beside it. The first column stays while the others move under it; below
 * 820 px each row is a card of what differs, and what is shown beside the list takes its place.
 */

const table = `.mxp{min-width:0;overflow:hidden}.mxw{position:relative;overflow-x:auto;scrollbar-width:thin;scrollbar-color:var(--line-2) transparent}.mxw:focus-visible{outline-offset:-2px;border-radius:10px}
.mx{border-collapse:separate;border-spacing:0;min-width:100%;font-size:.8125rem}
.mx th,.mx td{height:34px;padding:0 10px;border-bottom:1px solid var(--line);text-align:left;font-weight:400;white-space:nowrap}
.mx thead th{padding:9px 10px 8px;background:var(--sunken);border-bottom-color:var(--line-2);vertical-align:bottom;font-size:.75rem;line-height:1.3333;color:var(--ink-2)}
.mx thead b{display:block;color:var(--ink);font-size:.8125rem;font-weight:600}.mx thead code{display:block;color:var(--ink-3);font-size:.6875rem}.mx thead a{display:block;text-decoration:none}.mx thead a:hover b{text-decoration:underline}
.mx thead .st{min-width:7.1rem;max-width:8.6rem;white-space:normal}.mx thead .s{gap:3px;font-size:.6875rem}.mx thead .s::before{width:12px;height:12px}.mx thead .ex{min-width:5.2rem}
.mx .nm{position:sticky;left:0;z-index:1;max-width:25rem;padding-left:16px;overflow:hidden;text-overflow:ellipsis;background:var(--surface);box-shadow:inset -1px 0 var(--line)}.mx thead .nm{background:var(--sunken);min-width:15rem}
.mx tbody a{font-family:var(--mono);letter-spacing:-.01em;text-decoration:none}.mx tbody a:hover{text-decoration:underline}.mx .nm .f{margin-left:8px}.mx tbody tr:not(.acc) .nm:has(+.ex){padding-left:16px}.mx tbody .acc~tr .nm{padding-left:30px!important}
.mx .acc th{height:36px;padding:0;background:var(--paper)}.mx .acc span:first-child{position:sticky;left:0;display:inline-flex;gap:4px 10px;align-items:center;padding-left:16px}.mx .acc a{font-weight:600}.mx .acc span span:first-child{position:static;padding:0}
.mx .m{color:var(--ink-2)}.mx .m::before{content:"";display:inline-block;width:15px;height:15px;margin-right:5px;vertical-align:-3px;background:var(--met);-webkit-mask:var(--tick) center/contain no-repeat;mask:var(--tick) center/contain no-repeat}
.mx .na::before{content:"–" / "";color:var(--ink-3)}.mx .dv .s{margin-left:-5px;padding:2px 7px 2px 5px;border-radius:4px}.mx .dv .wait{background:var(--wait-bg)}.mx .dv .open{background:var(--open-bg)}.mx .dv .stop{background:var(--stop-bg)}.mx .dv .unknown{background:var(--sunken)}.mx .cd{display:none}
.mx tbody tr:not(.acc):hover>*{background:var(--sunken)}.mx tr.sel>*,.mx tbody tr.sel:not(.acc):hover>*{background:var(--wash)}.mx tr.sel .nm{box-shadow:inset 3px 0 var(--ink),inset -1px 0 var(--line)}
.mx tbody:last-child tr:last-child>*{border-bottom:0}`;

const drawer = `.split{display:grid;grid-template-columns:minmax(0,1fr);gap:16px;align-items:start}.split.on{grid-template-columns:minmax(0,1fr) minmax(0,38rem)}
.drawer{position:sticky;top:72px;max-height:calc(100vh - 88px);overflow-y:auto;scrollbar-width:thin;background:var(--surface);border:1px solid var(--line-2);border-radius:10px;box-shadow:0 1px 2px rgb(0 0 0/.04),0 12px 32px -12px rgb(0 0 0/.16)}
.drawer{scroll-margin-top:24rem}.drawer:focus{outline:none}.rs>section,.rs>header{padding:14px 20px}.rs>section{border-top:1px solid var(--line)}.rs>section>h2,.rs>section>h3{margin-bottom:6px}
.rs .top{display:flex;gap:4px 10px;align-items:center;flex-wrap:wrap;color:var(--ink-2);font-size:.8125rem}.rs .top .end{margin-left:auto;display:flex;gap:6px}.rs .top .btn{gap:5px}
.rs .name{display:flex;gap:4px 12px;align-items:center;flex-wrap:wrap;font:600 1.25rem/1.35 var(--mono);letter-spacing:-.03em;overflow-wrap:anywhere}.rs .name .pill{font-family:var(--sans);letter-spacing:0}
.rs .where{display:flex;gap:2px 14px;flex-wrap:wrap;margin-top:6px;color:var(--ink-2);font-size:.8125rem}
.eq{display:flex;gap:6px 8px;align-items:center;flex-wrap:wrap;margin-top:12px;padding:9px 12px;border-radius:6px;background:var(--sunken);font-size:.8125rem}.eq .op{color:var(--ink-3)}
.fd{width:100%;border-collapse:collapse;font-size:.8125rem;table-layout:fixed}.rs>section .fd{width:calc(100% + 40px);margin:0 -20px}.fd th,.fd td{padding:7px 8px;border-top:1px solid var(--line);text-align:left;vertical-align:top;line-height:1.4;font-weight:400;overflow-wrap:anywhere}.fd tr>:first-child{padding-left:20px}.fd tr>:last-child{padding-right:20px}
.fd thead th{border-top:0;padding-bottom:5px;color:var(--ink-3);font-size:.75rem;vertical-align:bottom}.fd tbody th b{display:block;font-weight:550}.fd tbody th code{display:block;color:var(--ink-3);font-size:.6875rem;line-height:1.36}.fd .c1{width:31%}.fd .c4{width:18%}
.fd .au{max-width:100%;margin:0 4px 4px 0}.fd .same{color:var(--ink-2);font-weight:400}
.fd .wait>*{background:var(--wait-bg)}.fd .open>*{background:var(--open-bg)}.fd .stop>*{background:var(--stop-bg)}.fd .unknown>*{background:var(--sunken)}.fd .say>*{border-top:0;padding-top:0;padding-bottom:11px}.fd .say .line{margin-top:8px}
.fd .sub code{display:inline!important;font-size:.75rem!important}.fd .sub th{padding-top:14px;color:var(--ink-3);font-size:.75rem}
.clm{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:1px 16px;padding:10px 0}.clm+.clm{border-top:1px solid var(--line)}.clm .end{text-align:right}.clm .big{display:block;color:var(--open);font-size:1rem;font-weight:600;white-space:nowrap}.clm .gone{display:block;grid-column:1/-1;width:100%;height:4px;margin-top:7px;border-radius:2px;overflow:hidden}.clm .gone rect{fill:var(--sunken)}.clm .gone .done{fill:var(--open)}
.rs details>summary,.rs li.line{padding:4px 0;line-height:18px}.rs li.line a{display:inline-block;padding:3px 0}.rs .rl>section,.rs .rr>section{padding:14px 20px;border-top:1px solid var(--line)}.rs .rl h2,.rs .rl h3,.rs .rr h2,.rs .rr h3{margin-bottom:6px}.rs .rl .fd{width:calc(100% + 40px);margin:0 -20px}.rs .tale{padding:0}.rs .tale li{padding-left:20px;padding-right:0}.rs .tale li::before{left:2px}.rs .tale li::after{left:5.500px}
.raw{max-height:28rem;overflow:auto;margin-top:8px;padding:10px 12px;border:1px solid var(--line);border-radius:6px;background:var(--paper);font:400 .75rem/1.5 var(--mono);white-space:pre-wrap;overflow-wrap:anywhere}
.fieldline{display:flex;gap:2px 10px;flex-wrap:wrap;align-items:baseline;margin-top:3px}.fieldline del,.fieldline ins{font-family:var(--mono);overflow-wrap:anywhere}.found b a{text-decoration:none}.found b a:hover{text-decoration:underline}.patch{margin-top:6px}.patch>summary{padding:4px 0}.patch .code{margin-top:8px}.patch .line{justify-content:space-between}.patch .raw{margin-top:4px;max-height:16rem}
@media (min-width:1181px){article.rs{display:grid;grid-template-columns:minmax(0,1fr) 27rem}article.rs>header,article.rs>section{grid-column:1/-1}article.rs>.rr{border-left:1px solid var(--line)}}`;

const turns = `@media (max-width:1180px){.split.on{grid-template-columns:minmax(0,1fr)}.split.on .mxp{display:none}.drawer{position:static;max-height:none}main:has(.split.on) .tools{display:none}main:has(.split.on) .lead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}}
@media (max-width:820px){
.mx,.mx thead,.mx tbody,.mx tr,.mx th,.mx td{display:block;height:auto;min-width:0;max-width:none;box-shadow:none}.mx thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.mxw{overflow:visible}
.mx th,.mx td{padding:0;border:0;white-space:normal}.mx tbody tr{padding:10px 16px;border-bottom:1px solid var(--line)}.mx .nm,.mx thead .nm,.mx tbody .acc~tr .nm{position:static;padding:0!important;min-width:0;overflow:visible;background:none;box-shadow:none;overflow-wrap:anywhere}.mx tbody tr:not(.acc):hover>*{background:none}
.mx tbody .acc{padding:9px 16px;background:var(--paper)}.mx .acc th{height:auto;background:none}.mx .acc span:first-child{position:static;padding:0;flex-wrap:wrap}
.mx .m,.mx .na{display:none}.mx .ex{display:inline-block;margin:3px 14px 0 0;color:var(--ink-2);font-size:.75rem}.mx .ex::before{content:attr(data-label) " ";color:var(--ink-3)}.mx .ex:not([data-label])::before{content:"Met "}.mx .dv{display:flex;gap:4px 10px;flex-wrap:wrap;align-items:center;margin-top:6px}.mx .dv::before{content:attr(data-label);flex:1 1 9rem;color:var(--ink-2);font-size:.75rem}.mx .dv .s{margin:0}.mx .dv .cd{display:inline}
.mx tr.sel{box-shadow:inset 3px 0 var(--ink)}.fd,.fd tbody,.fd tr,.fd th,.fd td{display:block}.fd thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.fd tbody tr{padding:9px 16px;border-top:1px solid var(--line)}.fd tbody th,.fd tbody td,.rs>section .fd tr>*{padding:1px 0!important;border:0}.fd td[data-label]::before{content:attr(data-label) " ";color:var(--ink-3);font-size:.75rem}.fd tr.say{border-top:0;padding-top:0}
.fd .wait,.fd tr.open,.fd .stop{background:var(--sunken)}.rs>section,.rs>header{padding:12px 16px}.rs .rl>section,.rs .rr>section{padding:12px 16px}.rs .rl .fd{width:calc(100% + 32px);margin:0 -16px}.rs .rl .fd tr>*{padding:1px 0!important}}
@media (forced-colors:active){.mx .m::before{background:CanvasText}.mx tr.sel .nm{border-left:3px solid Highlight}}
@media print{.mxw{overflow:visible}.drawer{position:static;max-height:none}}`;

const tick = `.mx{--tick:url("data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='none' stroke='black' stroke-width='1.5' stroke-linecap='round' stroke-linejoin='round'><path d='M3 8.600l3.300 3.200L13 4.900'/></svg>")}`;

export const matrix = [tick, table, drawer, turns].join("\n");
