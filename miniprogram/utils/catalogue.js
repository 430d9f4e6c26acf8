/** The goods, kept in memory: orders find their picture here, and the pages start at once. */
const pay = require('../pay/src/index');
const money = require('./money');
const title = require('./title');

/** Below this many pieces the number left is worth a word. */
const FEW = 20;

/** Drawn for goods that have no picture, and for orders whose goods are gone. */
const NO_PICTURE = '/images/goods/leaf.svg';

/**
 * @typedef {{id: string, title: string, price_fen: number, image?: string, stock?: number}} Goods
 * @typedef {object} GoodsView
 * @property {string} id
 * @property {string} main
 * @property {string} sub
 * @property {number} price_fen
 * @property {string} price
 * @property {string} image
 * @property {number} left  pieces left when they are few, else -1
 * @property {boolean} soldOut
 * @property {number} max  most that may be bought at once
 */

/** The server refuses more at once (`orders.max_quantity`). */
const QUANTITY_MAX = 99;

/** @type {Goods[]} */
let known = [];

/** @returns {Promise<GoodsView[]>} */
async function load() {
  const answer = await pay.call({ method: 'GET', path: '/v1/mp/goods' });
  known = answer.data;
  return known.map(view);
}

/** Makes sure that pictures can be found. Never fails: a list without pictures is still a list. */
async function ready() {
  if (known.length === 0) {
    await load().catch(() => []);
  }
}

/** @returns {GoodsView[]} what is known without asking */
function cached() {
  return known.map(view);
}

/**
 * @param {string} id
 * @returns {Promise<GoodsView | undefined>}
 */
async function find(id) {
  const goods = known.length > 0 ? cached() : await load();
  return goods.find((one) => one.id === id);
}

/**
 * The goods that an order is about, by the title that the server made its description from.
 * @param {string} description
 * @returns {Goods | undefined}
 */
function ofDescription(description) {
  const wanted = title.bare(description);
  return known.find((goods) => goods.title === wanted);
}

/**
 * @param {Goods | undefined} goods
 * @returns {string}
 */
function picture(goods) {
  return (goods && goods.image) || NO_PICTURE;
}

/**
 * @param {Goods} goods
 * @returns {GoodsView}
 */
function view(goods) {
  const { main, sub } = title.split(goods.title);
  const stock = typeof goods.stock === 'number' ? goods.stock : Infinity;
  return {
    id: goods.id,
    main,
    sub,
    price_fen: goods.price_fen,
    price: money.format(goods.price_fen),
    image: picture(goods),
    left: stock > 0 && stock <= FEW ? stock : -1,
    soldOut: stock === 0,
    max: Math.min(stock, QUANTITY_MAX),
  };
}

module.exports = { load, ready, cached, find, ofDescription, picture };
