/** As libraries do: they call `Page` and `Component` on behalf of the file that uses them. */
module.exports = {
  registerPage: (definition) => Page(definition),
};
