/** The steps of the tour: the one that is next stands out, what lies behind and ahead is quiet. */
export const tour = `.tour{display:grid;gap:12px;max-width:52rem}.tour .step{margin:0}.tour .step+.step{margin-top:0}
.tour h2{display:flex;align-items:baseline;gap:10px;padding:12px 16px}.tour h2 .s{margin-left:auto;font-size:.8125rem}.tour h2 .q{min-width:1.2em;font-variant-numeric:tabular-nums}
.tour .body{padding:0 16px 14px;font-size:.875rem;display:grid;gap:10px}.tour .later h2{color:var(--ink-3);font-weight:400}.tour .now{border-color:var(--edge)}
.cmd{overflow-x:auto;padding:10px 12px;background:var(--sunken);border:1px solid var(--line);border-radius:6px;font-size:.8125rem;line-height:1.6;white-space:pre}`;
