/** Pitfall 9: built-in behaviors are named by text. */
const shared = Behavior({
  data: { from: 'behavior' },
  methods: {
    greeting() {
      return `hello from ${this.data.from}`;
    },
  },
});

Component({
  behaviors: ['wx://form-field', 'wx://form-field-button', 'wx://component-export', shared],
  data: { text: '' },
  attached() {
    this.setData({ text: this.greeting() });
  },
});
