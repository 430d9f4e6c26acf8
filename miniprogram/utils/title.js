/** Titles carry both languages: `明前龙井 · Longjing green tea, 50 g`. */
const { language } = require('./words');

const BETWEEN = ' · ';
const QUANTITY = / ×(\d+)$/;

/**
 * @param {string} text  a goods title, or an order's description, which may end in ` ×2`
 * @returns {{main: string, sub: string, quantity: number}} the reader's language first
 */
function split(text) {
  const counted = QUANTITY.exec(text);
  const title = counted ? text.slice(0, counted.index) : text;
  const quantity = counted ? Number(counted[1]) : 1;
  const at = title.indexOf(BETWEEN);
  if (at < 0) {
    return { main: title, sub: '', quantity };
  }
  const chinese = title.slice(0, at);
  const english = title.slice(at + BETWEEN.length);
  return language() === 'zh'
    ? { main: chinese, sub: english, quantity }
    : { main: english, sub: chinese, quantity };
}

/**
 * The title that a description was made from: without its quantity.
 * @param {string} description
 */
function bare(description) {
  return description.replace(QUANTITY, '');
}

module.exports = { split, bare };
