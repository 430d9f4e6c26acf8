/** One line at the foot of the page that says what just happened, and goes away. */

const SHOWN_MS = 4_000;
let timer = 0;

/** @param {string} text */
export function notice(text) {
  document.getElementById('notice').textContent = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    document.getElementById('notice').textContent = '';
  }, SHOWN_MS);
}

/** Shows what went wrong with a call, in the sandbox's own words. */
export function complain(error) {
  notice(error instanceof Error ? error.message : String(error));
}
