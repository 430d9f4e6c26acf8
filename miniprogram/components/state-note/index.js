/** A page with nothing to show says why, and what can be done about it. */
Component({
  properties: {
    /** `empty`, `error` or `offline`. */
    kind: { type: String, value: 'empty' },
    title: { type: String, value: '' },
    text: { type: String, value: '' },
    /** Words of the button; without them there is none. */
    action: { type: String, value: '' },
    busy: { type: Boolean, value: false },
  },

  methods: {
    act() {
      this.triggerEvent('action');
    },
  },
});
