let calls = 0;

module.exports = { name: 'helper' };
module.exports.count = () => {
  calls += 1;
  return calls;
};
module.exports.other = () => require('./partner');
