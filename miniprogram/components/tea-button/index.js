/** A button that can be busy. While it is, taps are not passed on. */
Component({
  properties: {
    text: { type: String, value: '' },
    /** `primary`, `quiet` or `plain`. */
    kind: { type: String, value: 'primary' },
    /** Empty or `small`. */
    size: { type: String, value: '' },
    busy: { type: Boolean, value: false },
    off: { type: Boolean, value: false },
  },

  methods: {
    press() {
      if (!this.data.busy && !this.data.off) {
        this.triggerEvent('press');
      }
    },
  },
});
