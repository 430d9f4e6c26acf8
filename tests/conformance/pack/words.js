exports.words = 'of a package';
