/** Functions that WeChat has and this phone has not: they say so, instead of being silently nothing. */

import { callable, Refusal } from './call.js';

const WORDS = 'not supported on the virtual phone';

/** With callbacks or promises. Source: developers.weixin.qq.com/miniprogram/dev/api/ */
const ASYNC = `
  addCard addFileToFavorites addPhoneCalendar addPhoneContact addVideoToFavorites authorize
  authorizeForMiniProgram checkIsOpenAccessibility checkIsSupportSoterAuthentication chooseAddress
  chooseContact chooseImage chooseInvoice chooseInvoiceTitle chooseLicensePlate chooseLocation chooseMedia
  chooseMessageFile choosePoi chooseVideo closeBluetoothAdapter closeSocket compressImage compressVideo
  connectSocket connectWifi createBLEConnection cropImage editImage exitMiniProgram getAuthCode
  getBackgroundFetchData getBatteryInfo getBeacons getBLEDeviceServices getBluetoothDevices
  getChannelsLiveInfo getClipboardFile getConnectedWifi getExtConfig getFileInfo getFuzzyLocation
  getGroupEnterInfo getHCEState getImageInfo getLocation getPrivacySetting getSavedFileInfo getSavedFileList
  getScreenBrightness getScreenRecordingState getSelectedTextRange getSetting getShareInfo getUserInfo
  getUserProfile getVideoInfo getWeRunData getWifiList hideKeyboard hideShareMenu hideTabBar
  hideTabBarRedDot loadFontFace makePhoneCall navigateBackMiniProgram navigateToMiniProgram
  openAppAuthorizeSetting openBluetoothAdapter openBusinessView openCard openChannelsActivity
  openChannelsLive openChannelsUserProfile openCustomerServiceChat openDocument openEmbeddedMiniProgram
  openLocation openPrivacyContract openSetting openSystemBluetoothSetting openVideoEditor openWeChatPay
  pauseBackgroundAudio pluginLogin previewImage previewMedia removeSavedFile removeTabBarBadge
  requestCommonPayment requestMerchantTransfer requestOrderPayment requestPluginPayment
  requestSubscribeDeviceMessage requestSubscribeMessage requestVirtualPayment requirePrivacyAuthorize
  reserveChannelsLive rewriteRoute saveFile saveFileToDisk saveImageToPhotosAlbum saveVideoToPhotosAlbum
  scanCode seekBackgroundAudio sendSms sendSocketMessage setBackgroundFetchToken setEnableDebug
  setInnerAudioOption setKeepScreenOn setScreenBrightness setTabBarBadge setTabBarItem setTabBarStyle
  setTopBarText setVisualEffectOnCapture setWifiList setWindowSize shareFileMessage shareToWeRun
  shareVideoMessage showRedPackage showShareImageMenu showShareMenu showTabBar showTabBarRedDot
  startAccelerometer startBluetoothDevicesDiscovery startCompass startDeviceMotionListening
  startFacialRecognitionVerify
  startGyroscope startHCE startLocationUpdate startRecord startSoterAuthentication startWifi
  stopAccelerometer stopCompass stopGyroscope stopLocationUpdate stopRecord stopVoice updateShareMenu
  updateVoIPChatMuteSetting updateWeChatApp
`;

/** These give an object or a value at once, so all they can do is throw. */
const SYNC = `
  batchGetStorageSync batchSetStorageSync createAnimation createAudioContext createBLEPeripheralServer
  createCameraContext createCanvasContext createInferenceSession createInnerAudioContext
  createIntersectionObserver createInterstitialAd createLivePlayerContext createLivePusherContext
  createMapContext createMediaAudioPlayer createMediaContainer createMediaRecorder createOffscreenCanvas
  createRewardedVideoAd createTCPSocket createUDPSocket createVideoContext createVideoDecoder
  createVKSession createWebAudioContext createWorker getBackgroundAudioManager getBatteryInfoSync
  getExtConfigSync getFileSystemManager getNFCAdapter getPerformance getRecorderManager getShowSplashAdStatus
  getUserCryptoManager getVideoDecoder onAccelerometerChange onBackgroundAudioPlay onBLEConnectionStateChange
  onCompassChange onCopyUrl onDeviceMotionChange onGyroscopeChange onKeyboardHeightChange onLocationChange
  onMemoryWarning onNeedPrivacyAuthorization onSocketClose onSocketError onSocketMessage onSocketOpen
  onUserCaptureScreen onVoIPChatInterrupted onWindowResize preloadAssets preloadSkylineView preloadWebview
  reportEvent reportMonitor reportPerformance
`;

/** @param {Set<string>} supported @returns {Record<string, Function>} */
export function unsupported(supported) {
  const wx = {};
  const names = (list) => list.trim().split(/\s+/).filter((name) => !supported.has(name));
  for (const name of names(ASYNC)) {
    const refuse = callable(name, () => {
      throw new Refusal(WORDS);
    });
    wx[name] = warning(name, refuse);
  }
  for (const name of names(SYNC)) {
    wx[name] = warning(name, () => {
      throw new Error(`${name}:fail ${WORDS}`);
    });
  }
  return wx;
}

function warning(name, act) {
  let warned = false;
  return (options) => {
    if (!warned) console.warn(`wx.${name}: ${WORDS}`);
    warned = true;
    return act(options);
  };
}
