Page({
  data: { got: '' },
  say(got) {
    this.setData({ got });
  },
  avatar({ detail }) {
    this.say(`avatar ${detail.avatarUrl.slice(0, 10)}`);
  },
  answered({ detail }) {
    this.say(detail.userInfo ? `${detail.errMsg} ${detail.userInfo.nickName}` : detail.errMsg);
  },
  profile() {
    const success = ({ errMsg, userInfo }) => this.say(`${errMsg} ${userInfo.nickName}`);
    wx.getUserProfile({ desc: 'to greet', success });
  },
  address() {
    wx.chooseAddress({ complete: ({ errMsg, cityName }) => this.say(`${errMsg} ${cityName}`) });
  },
  async messages() {
    this.say(JSON.stringify(await wx.requestSubscribeMessage({ tmplIds: ['template-1'] })));
  },
  async harmless() {
    wx.onKeyboardHeightChange(() => {});
    wx.reportEvent('seen', {});
    const [{ errMsg }, { authSetting }] = await Promise.all([wx.showShareMenu(), wx.getSetting()]);
    const names = ['button.open-type.chooseAvatar', 'input.type.nickname', 'getUserProfile'];
    const knows = names.every((name) => wx.canIUse(name));
    this.say(`${errMsg} ${Object.keys(authSetting).length} ${knows} ${wx.canIUse('button.open-type.share')}`);
  },
});
