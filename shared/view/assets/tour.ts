/** The steps of the tour: the one that is next stands out, what lies behind and ahead is quiet. */
export const tour = `.tour{display:grid;gap:12px;max-width:52rem}.tour .step{margin:0}.tour .is-now{border-color:var(--edge)}
.tour h2{display:flex;align-items:baseline;gap:10px;padding:12px 16px}.tour h2>:last-child{margin-left:auto;font-size:.8125rem}.tour h2>:first-child{min-width:1.2em;font-variant-numeric:tabular-nums;font-weight:400}
.tour .step>.body{padding:0 16px 14px;border:0;font-size:.875rem;display:grid;gap:10px}.tour .is-later h2{color:var(--ink-3);font-weight:400}
.cmd{overflow-x:auto;margin:0;padding:10px 12px;background:var(--sunken);border:1px solid var(--line);border-radius:6px;font-size:.8125rem;line-height:1.6;white-space:pre}.tour+.panel{margin-top:20px}`;
