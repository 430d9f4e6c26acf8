const { checks } = require('../../utils/checks');
const relative = require('./helper');
const registers = require('../../utils/registers');
const npm = require('tiny-kit');
const folder = require('../../utils/folder');

/** Pitfall 3: `Page` is called by a module that this file requires, and still means this file. */
registers.registerPage({
  data: { checks: [], done: false },
  onLoad() {
    const verdict = checks(this);
    verdict.add('a helper module registered this page', this.route === 'pages/modules/index', this.route);
    verdict.add('relative require', relative.name === 'helper', relative);
    verdict.add('npm package in miniprogram_npm', npm.kit === 'tiny', npm);
    verdict.add('npm package requires another', npm.inner === 'inner-kit', npm);
    verdict.add('a folder means its index.js', folder.index === true, folder);
    verdict.add('a module runs once', relative.count() === 1 && relative.count() === 2, relative);
    verdict.add('modules that require each other', relative.other().partner === 'helper', relative.other());
    verdict.add('getApp', getApp().globalData.answer === 42, getApp());
    verdict.add('getCurrentPages', getCurrentPages().slice(-1)[0] === this, getCurrentPages().length);
    verdict.add('global is an object', typeof global === 'object', typeof global);
    /* Code for browsers fails here as on a phone. */
    const types = [typeof window, typeof document, typeof localStorage, typeof fetch, typeof XMLHttpRequest, typeof location];
    verdict.add('no browser', types.every((type) => type === 'undefined'), types);
    this.setData({ done: true });
  },
});
