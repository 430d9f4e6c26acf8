module.exports = { name: 'inner-kit' };
