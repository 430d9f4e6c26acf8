module.exports = { kit: 'tiny', inner: require('inner-kit').name };
