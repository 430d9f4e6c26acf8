Page({ data: { price: 1790, when: 0, text: 'a-b-c' } });
