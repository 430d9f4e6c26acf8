/** How an order stands, as a sign: drawn in style sheets, so that it follows light and dark. */
Component({
  properties: {
    /** `pending`, `paid`, `unpaid`, `closed`, `refunded` or `failed`. */
    kind: { type: String, value: 'pending' },
  },
});
