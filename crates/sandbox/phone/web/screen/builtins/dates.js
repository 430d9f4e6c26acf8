/** The columns of `<picker mode="date">` and `mode="time"`. */

/** Without `start` and `end`. Source: developers.weixin.qq.com/miniprogram/dev/component/picker.html */
const FIRST_YEAR = 1900;
const LAST_YEAR = 2100;
const PARTS = { year: 1, month: 2, day: 3 };

/** @param {{ value: string, start: string, end: string, fields: string }} wish */
export function dateColumns({ value, start, end, fields }) {
  const today = new Date();
  const now = [today.getFullYear(), today.getMonth() + 1, today.getDate()];
  const first = numbers(start, '-', [FIRST_YEAR, 1, 1]);
  const last = numbers(end, '-', [LAST_YEAR, 12, 31]);
  const count = PARTS[fields] ?? PARTS.day;
  let chosen = bounded(numbers(value, '-', now), first, last);
  const lists = () => {
    const [year, month] = chosen;
    const atFirst = [true, year === first[0], year === first[0] && month === first[1]];
    const atLast = [true, year === last[0], year === last[0] && month === last[1]];
    const least = [first[0], 1, 1].map((low, part) => (atFirst[part] ? first[part] : low));
    const most = [last[0], 12, daysOf(year, month)].map((high, part) => (atLast[part] ? last[part] : high));
    return least.map((low, part) => range(low, most[part])).slice(0, count);
  };
  return {
    columns: () => lists().map((list, part) => list.map((one) => `${pad(one)}${'年月日'[part]}`)),
    at: () => lists().map((list, part) => list.indexOf(chosen[part])),
    take(at) {
      const picked = lists().map((list, part) => list[at[part]] ?? list.at(-1));
      chosen = bounded([...picked, ...chosen.slice(count)], first, last);
    },
    text: () => chosen.slice(0, count).map(pad).join('-'),
  };
}

/** @param {{ value: string, start: string, end: string }} wish */
export function timeColumns({ value, start, end }) {
  const first = numbers(start, ':', [0, 0]);
  const last = numbers(end, ':', [23, 59]);
  let chosen = bounded(numbers(value, ':', [0, 0]), first, last);
  const lists = () => [
    range(first[0], last[0]),
    range(chosen[0] === first[0] ? first[1] : 0, chosen[0] === last[0] ? last[1] : 59),
  ];
  return {
    columns: () => lists().map((list) => list.map(pad)),
    at: () => lists().map((list, part) => list.indexOf(chosen[part])),
    take(at) {
      const picked = lists().map((list, part) => list[at[part]] ?? list.at(-1));
      chosen = bounded(picked, first, last);
    },
    text: () => chosen.map(pad).join(':'),
  };
}

function numbers(text, between, otherwise) {
  const parts = String(text ?? '').split(between);
  return otherwise.map((value, index) => (/^\d+$/.test(parts[index] ?? '') ? Number(parts[index]) : value));
}

function bounded(parts, first, last) {
  const order = (list) => list.reduce((sum, part) => sum * 100 + part, 0);
  if (order(parts) < order(first)) return [...first];
  if (order(parts) > order(last)) return [...last];
  if (parts.length < 3) return parts;
  return [parts[0], parts[1], Math.min(parts[2], daysOf(parts[0], parts[1]))];
}

function daysOf(year, month) {
  return new Date(year, month, 0).getDate();
}

function range(from, to) {
  return Array.from({ length: Math.max(1, to - from + 1) }, (_, index) => from + index);
}

function pad(number) {
  return String(number).padStart(2, '0');
}
