import { even } from './even';

export const odd = (n) => (n === 0 ? false : even(n - 1));
export { even };
