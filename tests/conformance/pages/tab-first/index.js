const tab = require('../../utils/tab');

Page(tab());
