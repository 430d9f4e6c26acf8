/** Pitfall 13: a value of the wrong type is a warning on the console, never an error. */
Page({ data: { nothing: undefined, text: 'many' } });
