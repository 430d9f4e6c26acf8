const heard = [];

Page({
  data: { text: '', typed: '', nested: '', data: '', printed: '', order: '', long: '', caught: '0', touches: '', host: '' },
  /** Pitfall 1: `bindtap` without a colon on a plain element. */
  plain(event) {
    this.setData({ text: event.type });
  },
  /** Pitfall 2: the detail of a built-in is WeChat's, not the browser's event. Pitfall 11: the answer replaces the text. */
  typing(event) {
    this.setData({ typed: `${event.detail.value}|${event.detail.cursor}|${event.detail.isTrusted}` });
    return event.detail.value.replace(/x/g, 'y');
  },
  /** Nothing of the inner field's own events may arrive at a plain parent. */
  leaked() {
    this.setData({ nested: `${this.data.nested}leak` });
  },
  /** Pitfall 8: events can be printed; `data-` keeps types; `mark:` is collected on the way up. */
  look(event) {
    const { goodsId, list } = event.currentTarget.dataset;
    this.setData({
      data: `${typeof goodsId} ${goodsId} ${list.length} ${event.target.id} ${event.mark.row} ${event.mark.shelf}`,
      printed: JSON.stringify(event).indexOf('"tap"') > 0 ? 'printed' : 'not printed',
      touches: `${event.touches.length} ${typeof event.detail.x} ${typeof event.changedTouches[0].pageY}`,
    });
  },
  captured() {
    heard.push('capture');
  },
  inner() {
    heard.push('inner');
  },
  outer() {
    heard.push('outer');
    this.setData({ order: heard.splice(0).join(' ') });
  },
  caught() {
    this.setData({ caught: String(Number(this.data.caught) + 1) });
  },
  never() {
    this.setData({ caught: 'bubbled' });
  },
  pressed() {
    this.setData({ long: `${this.data.long}long` });
  },
  tapped() {
    this.setData({ long: `${this.data.long}tap` });
  },
  fromComponent(event) {
    this.setData({ host: `${event.type} ${event.detail.n} ${event.currentTarget.dataset.who}` });
  },
});
