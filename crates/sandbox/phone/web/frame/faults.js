/** The faults at hand, and what the sandbox's script says of each; pure. */

/** @typedef {Record<string, any>} Fault */

/** @type {{ id: string, icon: string, word: string, hint: string, fault: Fault }[]} */
export const FAULTS = [
  {
    id: 'lose', icon: 'lose', word: 'faultLose', hint: 'faultLoseHint',
    fault: { on: 'notification', kind: 'lose', times: 1 },
  },
  {
    id: 'delay', icon: 'delay', word: 'faultDelay', hint: 'faultDelayHint',
    fault: { on: 'notification', kind: 'delay', delay_ms: 10_000, times: 1 },
  },
  {
    id: 'prepay', icon: 'bolt', word: 'faultPrepay', hint: 'faultPrepayHint',
    fault: { on: 'prepay', kind: 'status', status: 500, code: 'SYSTEM_ERROR', after_effect: true, times: 1 },
  },
  {
    id: 'closed', icon: 'shut', word: 'faultClosed', hint: 'faultClosedHint',
    fault: { on: 'any', kind: 'status', status: 503, code: 'SYSTEM_ERROR', seconds: 60 },
  },
];

/** Whether an entry of the script is this switch's; what counts down is not compared. */
function same(wanted, entry) {
  const fixed = ['on', 'kind', 'status', 'delay_ms'];
  return fixed.every((name) => (wanted[name] ?? null) === (entry[name] ?? null))
    && Boolean(wanted.after_effect) === Boolean(entry.after_effect)
    && (wanted.seconds === undefined) === (entry.seconds === undefined)
    && (entry.out_trade_no ?? null) === null;
}

/**
 * Which switches are on, and the entries that belong to none.
 *
 * @param {Fault[]} script
 */
export function armed(script) {
  const left = script.filter((entry) => entry.times !== 0);
  const found = new Map(FAULTS.map(({ id, fault }) => [id, left.find((entry) => same(fault, entry))]));
  const others = left.filter((entry) => !FAULTS.some(({ fault }) => same(fault, entry)));
  return { found, others };
}

/**
 * The script without the entries of one switch.
 *
 * @param {Fault[]} script
 * @param {Fault} wanted
 */
export function without(script, wanted) {
  return script.filter((entry) => !same(wanted, entry));
}
