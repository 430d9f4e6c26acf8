/** An entry of the story with only what a test names being special. */

export function entry(changes) {
  return {
    id: 1, revision: 1, at: '2026-11-24T10:00:00+08:00', real_ms: 0, took_ms: 5,
    from: 'phone', to: 'server', kind: 'request', title: { zh: '', en: '' }, says: null,
    outcome: 'ok', user: null, mchid: null, out_trade_no: null, verdict: null, causes: [], fault: null,
    status: null, request: null, answer: null, signed: [], plaintext: null, ...changes,
  };
}
