/** `<picker>`: one or several of lists, a date or a time, in a sheet from the bottom. */

import { chooseColumns } from '../overlay/columns.js';
import { showToast } from '../overlay/toast.js';
import { choose } from '../words.js';
import { dateColumns, timeColumns } from './dates.js';
import { define } from './define.js';

/** What a form gets back from `reset`. */
const EMPTY = { selector: 0, multiSelector: [], date: '', time: '' };
const OPEN = {
  selector: one,
  multiSelector: several,
  date: (tag) => moment(tag, dateColumns),
  time: (tag) => moment(tag, timeColumns),
};

export function pickerTag() {
  return define('picker', {
    properties: {
      mode: { type: String, value: 'selector' }, range: { type: Array, value: [] }, rangeKey: String,
      value: { type: null, value: 0 }, start: String, end: String, fields: { type: String, value: 'day' },
      disabled: Boolean, headerText: String, name: String,
    },
    created() {
      this.addListener('tap', () => this.activate());
    },
    methods: {
      async activate() {
        const { disabled, mode } = this.data;
        if (disabled) return;
        if (!Object.hasOwn(OPEN, mode)) {
          console.warn(`<picker mode="${mode}">: not supported on the virtual phone`);
          showToast({ title: choose(`虚拟手机没有 ${mode} 选择器`, `No picker of mode ${mode}`), icon: 'none' });
          return;
        }
        const value = await OPEN[mode](this);
        if (value === null) {
          this.triggerEvent('cancel', {});
          return;
        }
        this.setData({ value });
        this.triggerEvent('change', { value });
      },
      formValue() {
        return this.data.mode === 'selector' ? String(this.data.value) : this.data.value;
      },
      resetValue() {
        this.setData({ value: EMPTY[this.data.mode] ?? '' });
      },
    },
  });
}

function textsOf(list, key) {
  return (Array.isArray(list) ? list : []).map((item) => String((key ? item?.[key] : item) ?? ''));
}

async function one({ data: { range, rangeKey, value, headerText } }) {
  const texts = textsOf(range, rangeKey);
  const at = await chooseColumns({ columns: () => [texts], at: [Number(value) || 0], title: headerText });
  return at && texts.length > 0 ? String(at[0]) : null;
}

/** The page may answer a changed column by other lists, so they are looked up each time. */
async function several(tag) {
  const { value, headerText } = tag.data;
  return chooseColumns({
    columns: () => (tag.data.range ?? []).map((list) => textsOf(list, tag.data.rangeKey)),
    at: Array.isArray(value) ? value.map(Number) : [],
    title: headerText,
    changed(column, at) {
      tag.triggerEvent('columnchange', { column, value: at[column] });
      // A page that puts the columns behind back to their start says so in `value`.
      const wanted = tag.data.value;
      if (Array.isArray(wanted)) wanted.forEach((index, place) => {
        if (place > column) at[place] = Number(index) || 0;
      });
    },
  });
}

async function moment({ data: { value, start, end, fields, headerText } }, columnsOf) {
  const columns = columnsOf({ value: value || '', start, end, fields });
  const at = await chooseColumns({
    columns: columns.columns,
    at: columns.at(),
    title: headerText,
    changed(_, now) {
      columns.take(now);
      columns.at().forEach((index, place) => {
        now[place] = index;
      });
    },
  });
  return at && columns.text();
}
