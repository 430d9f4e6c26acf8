// What `shouyin serve` needs, as a merchant would write it: keys, configuration, goods.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const API_KEY = 'key-of-the-shop-in-the-browser-tests';

/**
 * @param {string} folder
 * @param {Record<string, string>} account What the sandbox says about its merchant.
 * @param {{server: number, admin: number, api: number}} ports
 */
export async function furnish(folder, account, ports) {
  const keys = join(folder, 'keys');
  await mkdir(keys);
  const files = {
    'apiclient_key.pem': account.private_key_pem,
    'apiclient_cert.pem': account.certificate_pem,
    'pub_key.pem': account.public_key_pem,
    api_v3_key: account.api_v3_key,
    app_secret: account.app_secret,
    api_key: API_KEY,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(keys, name), text, { mode: 0o600 });
  }
  await writeFile(join(folder, 'shouyin.toml'), configuration(account, ports));
}

function configuration(account, ports) {
  return `
[server]
listen = "127.0.0.1:${ports.server}"
admin_listen = "127.0.0.1:${ports.admin}"

[database]
url = "sqlite:shouyin.db"

[reconciliation]
enabled = false

[wechat]
api_url = "http://127.0.0.1:${ports.api}"
backup_url = ""
login_url = "http://127.0.0.1:${ports.api}"

[merchants.default]
mch_id = "${account.mchid}"
name = "山间茶铺"
serial_no = "${account.serial_no}"
private_key_file = "keys/apiclient_key.pem"
certificate_file = "keys/apiclient_cert.pem"
api_v3_key_file = "keys/api_v3_key"
public_key_id = "${account.public_key_id}"
public_key_file = "keys/pub_key.pem"
notify_url = "http://127.0.0.1:${ports.server}/v1/wechat/notify/default"
api_key_file = "keys/api_key"

[[merchants.default.apps]]
app_id = "${account.appid}"
app_secret_file = "keys/app_secret"
`;
}
