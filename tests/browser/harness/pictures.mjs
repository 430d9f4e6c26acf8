// Screenshots for people, in one folder.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = process.env.SHOUYIN_PICTURES || join(import.meta.dirname, '../../../target/pictures');

/** @param {import('playwright-core').Page} page */
export async function picture(page, name) {
  await mkdir(FOLDER, { recursive: true });
  const file = `${name.replaceAll(/[^\p{L}\p{N}]+/gu, '-')}.png`;
  // A running animation would make two pictures of the same thing differ.
  await page.screenshot({ path: join(FOLDER, file), animations: 'disabled' });
}
