/** `wx` storage under our prefix. Whatever cannot be read counts as absent. */
const { configured } = require('./config');

/**
 * @param {string} name
 * @returns {any} `undefined` when there is nothing
 */
function read(name) {
  try {
    const value = wx.getStorageSync(configured().storagePrefix + name);
    return value === '' ? undefined : value;
  } catch (error) {
    return undefined;
  }
}

/**
 * @param {string} name
 * @param {any} value  JSON data
 */
function write(name, value) {
  wx.setStorageSync(configured().storagePrefix + name, value);
}

/** @param {string} name */
function remove(name) {
  try {
    wx.removeStorageSync(configured().storagePrefix + name);
  } catch (error) {
    // Nothing depends on it being gone: a stale token is refused, a stale order number is asked.
  }
}

module.exports = { read, write, remove };
