/** The shape of what is being loaded, so that nothing jumps when it is there. */
Component({
  properties: {
    /** `goods`, `orders` or `detail`. */
    kind: { type: String, value: 'goods' },
  },

  data: { six: [1, 2, 3, 4, 5, 6], four: [1, 2, 3, 4] },
});
