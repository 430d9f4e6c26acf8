/** A page's own verdicts: each has a name, and says what it found when it is not as it should be. */
function checks(page) {
  const list = [];
  return {
    add(name, ok, found) {
      list.push({ name, ok: Boolean(ok), found: ok ? '' : describe(found) });
      page.setData({ checks: list });
    },
    /** For calls that are expected to throw. */
    throws(name, run, part) {
      try {
        run();
        this.add(name, false, 'did not throw');
      } catch (error) {
        this.add(name, String(error.message).indexOf(part) >= 0, error.message);
      }
    },
  };
}

function describe(value) {
  return typeof value === 'string' ? value : JSON.stringify(value) || String(value);
}

module.exports = { checks };
