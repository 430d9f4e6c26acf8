getApp().globalData.effect = (getApp().globalData.effect || 0) + 1;
