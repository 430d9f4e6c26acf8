Component({ externalClasses: ['outer-class'] });
