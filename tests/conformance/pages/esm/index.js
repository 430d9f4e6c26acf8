import { checks } from '../../utils/checks';
import money, { fen, count, grow } from './money';
import * as all from './money';
import {
  even as isEven,
  odd,
} from './even';
import './effect';

Page({
  data: { checks: [], done: false },
  async onLoad() {
    const verdict = checks(this);
    verdict.add('default', money(1790) === '17.90', money(1790));
    verdict.add('named', fen('17.90') === 1790, fen('17.90'));
    verdict.add('namespace', all.default === money && all.fen === fen && all.count === 1, Object.keys(all));
    verdict.add('passed on', all.odd === odd && all.parity === isEven, Object.keys(all));
    grow();
    verdict.add('a namespace sees what changes', count === 1 && all.count === 2, [count, all.count]);
    verdict.add('modules in a circle', isEven(10) && odd(7), [isEven(10), odd(7)]);
    verdict.add('only run', getApp().globalData.effect === 1, getApp().globalData.effect);
    verdict.add('CommonJS sees names', require('./money').default === money, 'default');
    verdict.add('strict', (function self() { return this; }()) === undefined, 'this');
    const later = await require.async('./money.js');
    verdict.add('require.async', later.fen === fen, typeof later.fen);
    this.setData({ done: true });
  },
});
