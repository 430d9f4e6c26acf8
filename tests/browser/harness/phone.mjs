// What a person does with the phone: look, tap, pull, type a password.

/** Sandbox money: everybody's password. */
export const PASSWORD = '123456';

export class Phone {
  /** @param {import('playwright-core').Page | import('playwright-core').FrameLocator} screen */
  constructor(screen, page = screen) {
    this.screen = screen;
    this.page = page;
    this.top = screen.locator('#pages page.top');
    this.sheet = screen.locator('#sheet');
    this.toast = screen.locator('.toast');
    this.modal = screen.locator('.modal');
  }

  /** Something with these words on the page on top. */
  words(text) {
    return this.top.getByText(text).filter({ visible: true }).first();
  }

  async sees(text) {
    await this.words(text).waitFor();
  }

  /** Taps a button of the page on top, by its words. */
  async tap(name) {
    await this.top.getByRole('button', { name }).first().click();
  }

  /** From the list of goods to the page that asks for the money. */
  async choose(goods) {
    await this.words(goods).click();
    await this.sees('去付款');
  }

  /** The sheet's amount as text, such as `68.00`. */
  async amount() {
    await this.sheet.waitFor();
    const text = await this.sheet.innerText();
    return /[¥￥]\s*([\d.]+)/.exec(text)?.[1];
  }

  /** Six digits; the first time the keypad has to be asked for. */
  async password(digits = PASSWORD) {
    const keypad = this.sheet.getByRole('group', { name: /键盘|Keypad/ });
    const payNow = this.sheet.getByRole('button', { name: /立即支付|Pay now/ });
    await keypad.or(payNow).waitFor();
    if (await payNow.isVisible()) await payNow.click();
    for (const digit of digits) {
      await keypad.getByRole('button', { name: digit, exact: true }).click();
    }
  }

  /** The right password, and the receipt put away. */
  async pay() {
    await this.password();
    await this.sheet.getByRole('button', { name: /完成|Done/ }).click();
  }

  async leaveCashier() {
    await this.sheet.getByRole('button', { name: /关闭|取消|Close|Cancel/ }).first().click();
    await this.sheet.waitFor({ state: 'hidden' });
  }

  /** Pulls the page down, as one does to refresh it. */
  async pull() {
    const box = await this.top.boundingBox();
    const x = box.x + box.width / 2;
    await this.page.mouse.move(x, box.y + 80);
    await this.page.mouse.down();
    await this.page.mouse.move(x, box.y + 150, { steps: 5 });
    await this.page.mouse.move(x, box.y + 320, { steps: 10 });
    await this.page.mouse.up();
  }
}
