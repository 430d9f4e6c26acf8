const helper = require('./helper');

module.exports = { partner: helper.name };
