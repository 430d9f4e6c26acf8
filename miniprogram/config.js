/**
 * The only thing to change for your own shop: where your `shouyin serve` is reached.
 *
 * It must be an `https://` host on the list of lawful request domains of your mini program
 * (小程序后台 → 开发管理 → 服务器域名 → request 合法域名). See docs/MINI_PROGRAM.md.
 * 唯一需要修改的地方：你的服务端地址，须为已登记的 request 合法域名。
 */
module.exports = {
  baseUrl: 'https://tea.example.com',
};
