/** What is set once, at launch. */

/**
 * @typedef {object} Settings
 * @property {string} baseUrl  `https://…` of the shouyin server, without a slash at the end
 * @property {string} [appId]  only when one server serves several mini programs
 * @property {string} [storagePrefix]  names in `wx` storage begin with it
 */

/** @type {Required<Settings> | undefined} */
let settings;

/**
 * Call it in `app.js`, before anything else of this module.
 * @param {Settings} wanted
 */
function configure(wanted) {
  // A phone refuses plain http anyway; saying so here saves a search.
  if (!/^https:\/\/[^/]+(\/.*[^/])?$/.test(wanted.baseUrl)) {
    throw new Error('baseUrl must be https://HOST[/PATH] without a slash at the end');
  }
  settings = Object.assign({ appId: '', storagePrefix: 'shouyin.' }, wanted);
}

/** @returns {Required<Settings>} */
function configured() {
  if (!settings) {
    throw new Error('call configure({ baseUrl }) in app.js first');
  }
  return settings;
}

module.exports = { configure, configured };
