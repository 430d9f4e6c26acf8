export { odd, even as parity } from './odd';

export let count = 1, step = 1;

export default function money(amount) {
  return (amount / 100).toFixed(2);
}

export const fen = (yuan) => Math.round(yuan * 100);

export function grow() {
  count += step;
}
