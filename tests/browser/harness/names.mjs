// Whoever cannot see the screen hears the names of its buttons.

import assert from 'node:assert/strict';

/** @param {import('playwright-core').Page | import('playwright-core').FrameLocator} place */
export async function everyButtonHasAName(place) {
  const nameless = await place.getByRole('button', { name: /^$/ }).filter({ visible: true }).all();
  const html = await Promise.all(nameless.map((one) => one.evaluate((node) => node.outerHTML)));
  assert.deepEqual(html, []);
}
