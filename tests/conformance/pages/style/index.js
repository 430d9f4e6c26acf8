Page({ data: { wide: 'width: 375rpx; height: 10rpx;' } });
