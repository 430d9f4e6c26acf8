/** Functions that WeChat has and this phone has not: they say so, instead of being silently nothing. */

import { callable, Refusal } from './call.js';

const WORDS = 'not supported on the virtual phone';

/** With callbacks or promises. Source: developers.weixin.qq.com/miniprogram/dev/api/ */
const ASYNC = `
  addCard addFileToFavorites addPhoneCalendar addPhoneContact addVideoToFavorites authorize
  authorizeForMiniProgram checkIsOpenAccessibility checkIsSupportSoterAuthentication chooseContact
  chooseImage chooseInvoice chooseInvoiceTitle chooseLicensePlate chooseLocation chooseMedia
  chooseMessageFile choosePoi chooseVideo closeBluetoothAdapter closeSocket compressImage compressVideo
  connectSocket connectWifi createBLEConnection cropImage editImage exitMiniProgram getAuthCode
  getBackgroundFetchData getBatteryInfo getBeacons getBLEDeviceServices getBluetoothDevices
  getChannelsLiveInfo getClipboardFile getConnectedWifi getFileInfo getFuzzyLocation getGroupEnterInfo
  getHCEState getImageInfo getLocation getSavedFileInfo getSavedFileList getScreenBrightness
  getScreenRecordingState getSelectedTextRange getShareInfo getVideoInfo getWeRunData getWifiList
  loadFontFace navigateBackMiniProgram navigateToMiniProgram openAppAuthorizeSetting
  openBluetoothAdapter openBusinessView openCard openChannelsActivity openChannelsLive
  openChannelsUserProfile openCustomerServiceChat openDocument openEmbeddedMiniProgram openLocation
  openPrivacyContract openSystemBluetoothSetting openVideoEditor openWeChatPay pauseBackgroundAudio
  pluginLogin previewMedia removeSavedFile requestCommonPayment requestMerchantTransfer
  requestOrderPayment requestPluginPayment requestSubscribeDeviceMessage requestVirtualPayment
  reserveChannelsLive rewriteRoute saveFile saveFileToDisk saveImageToPhotosAlbum saveVideoToPhotosAlbum
  scanCode seekBackgroundAudio sendSms sendSocketMessage setBackgroundFetchToken setInnerAudioOption
  setScreenBrightness setTopBarText setWifiList setWindowSize shareFileMessage shareToWeRun
  shareVideoMessage showRedPackage showShareImageMenu startAccelerometer startBluetoothDevicesDiscovery
  startCompass startDeviceMotionListening startFacialRecognitionVerify startGyroscope startHCE
  startLocationUpdate startRecord startSoterAuthentication startWifi stopAccelerometer stopCompass
  stopGyroscope stopLocationUpdate stopRecord stopVoice updateVoIPChatMuteSetting updateWeChatApp
`;

/** These give an object or a value at once, so all they can do is throw; what listens may listen. */
const SYNC = `
  batchGetStorageSync batchSetStorageSync createAnimation createAudioContext createBLEPeripheralServer
  createCameraContext createCanvasContext createInferenceSession createInnerAudioContext
  createInterstitialAd createLivePlayerContext createLivePusherContext
  createMapContext createMediaAudioPlayer createMediaContainer createMediaRecorder createOffscreenCanvas
  createRewardedVideoAd createTCPSocket createUDPSocket createVideoContext createVideoDecoder
  createVKSession createWebAudioContext createWorker getBackgroundAudioManager getBatteryInfoSync
  getFileSystemManager getNFCAdapter getPerformance getRecorderManager getShowSplashAdStatus
  getUserCryptoManager getVideoDecoder onAccelerometerChange onBackgroundAudioPlay
  onBLEConnectionStateChange onCompassChange onCopyUrl onDeviceMotionChange onGyroscopeChange
  onKeyboardHeightChange onLocationChange onMemoryWarning onNeedPrivacyAuthorization onSocketClose
  onSocketError onSocketMessage onSocketOpen onUserCaptureScreen onVoIPChatInterrupted onWindowResize
  preloadAssets
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
      // Listening to what never happens is no mistake.
      if (/^on[A-Z]/.test(name)) return;
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
