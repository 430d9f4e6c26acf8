/** What the three dots of the capsule open. */

import { chooseAction } from './actions.js';
import { clearStore } from '../wx/store.js';
import { word } from '../words.js';

export async function openMenu() {
  const chosen = await chooseAction([word('restart'), word('forget')], { title: word('menu') });
  if (chosen === null) return;
  if (chosen === 1) clearStore();
  location.reload();
}
