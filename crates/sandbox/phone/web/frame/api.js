/** Calls of the control plane. */

/** A local call that takes longer has lost its server; advancing the clock may send much first. */
const TIMEOUT_MS = 60_000;

/**
 * @param {string} method
 * @param {string} path
 * @param {any} [body]
 * @returns {Promise<any>} the answer; rejects with the sandbox's own words
 */
export async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error ?? `${method} ${path}: ${answer.status}`);
  return told;
}
