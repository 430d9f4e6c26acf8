//! What many tests start from: keys made once per run, a merchant, a client, an order.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use fen::Fen;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, SerialNumber, date_time_ymd};
use wechatpay::crypto::{ApiV3Key, Certificate, PrivateKey, SerialNo};
use wechatpay::{
    AbnormalRefund, Ambient, AppId, BankAccount, BankType, BaseUrl, Client, CreateRefund,
    Description, Endpoints, JsapiPrepay, KeyRing, MchId, Merchant, NotifyUrl, OpenId, OutRefundNo,
    OutTradeNo, RealName, RefundId, RefundOf, RefundReason, RefundTo, TransactionId, Transport,
};

pub(crate) const NOW: i64 = 1_554_208_460;
pub(crate) const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";
pub(crate) const MCH_ID: &str = "1900007291";
pub(crate) const MERCHANT_SERIAL: &str = "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB";
pub(crate) const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";
pub(crate) const API_V3_KEY: &str = "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb";
pub(crate) const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

/// A clock that stands until it is moved, and nonces that count after the first.
pub(crate) struct FixedAmbient {
    now: AtomicI64,
    drawn: AtomicU64,
}

impl FixedAmbient {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            now: AtomicI64::new(NOW),
            drawn: AtomicU64::new(0),
        })
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Ambient for FixedAmbient {
    fn unix_seconds(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    fn nonce(&self) -> String {
        match self.drawn.fetch_add(1, Ordering::SeqCst) {
            0 => NONCE.to_owned(),
            drawn => format!("{drawn:032}"),
        }
    }
}

pub(crate) fn merchant_key() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(PrivateKey::generate)
}

/// The platform's public-key-mode key.
pub(crate) fn platform_key() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(PrivateKey::generate)
}

/// A certificate of the platform, with the key that signs under it.
pub(crate) struct Issued {
    pub(crate) certificate: Certificate,
    pub(crate) key: PrivateKey,
}

impl Issued {
    pub(crate) fn serial(&self) -> &str {
        self.certificate.serial_no().as_str()
    }
}

/// Issues a certificate with 20 bytes of `serial`, valid for the years given.
pub(crate) fn issue(serial: u8, from_year: i32, to_year: i32) -> Issued {
    let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from(vec![serial; 20]));
    params.not_before = date_time_ymd(from_year, 1, 1);
    params.not_after = date_time_ymd(to_year, 1, 1);
    let pem = params.self_signed(&pair).unwrap().pem();
    Issued {
        certificate: Certificate::from_pem(&pem).unwrap(),
        key: PrivateKey::from_pem(&pair.serialize_pem()).unwrap(),
    }
}

/// The platform's older certificate, made once.
pub(crate) fn older() -> &'static Issued {
    static ISSUED: OnceLock<Issued> = OnceLock::new();
    ISSUED.get_or_init(|| issue(0x51, 2018, 2023))
}

/// The platform's newer certificate, made once.
pub(crate) fn newer() -> &'static Issued {
    static ISSUED: OnceLock<Issued> = OnceLock::new();
    ISSUED.get_or_init(|| issue(0x52, 2019, 2024))
}

pub(crate) fn api_v3_key() -> ApiV3Key {
    ApiV3Key::new(API_V3_KEY).unwrap()
}

pub(crate) fn merchant() -> Merchant {
    Merchant::new(
        MchId::new(MCH_ID).unwrap(),
        SerialNo::new(MERCHANT_SERIAL).unwrap(),
        merchant_key().clone(),
        api_v3_key(),
    )
}

pub(crate) fn public_key_ring() -> KeyRing {
    let id = SerialNo::new(PUBLIC_KEY_ID).unwrap();
    KeyRing::new().with_public_key(id, platform_key().public_key())
}

pub(crate) fn endpoints() -> Endpoints {
    Endpoints {
        api: BaseUrl::new("https://main.test").unwrap(),
        backup: Some(BaseUrl::new("https://backup.test").unwrap()),
        login: BaseUrl::new("https://login.test").unwrap(),
    }
}

/// A client in public-key mode.
pub(crate) fn client(transport: &Arc<impl Transport>) -> Client {
    client_with(transport, public_key_ring(), FixedAmbient::new())
}

pub(crate) fn client_with(
    transport: &Arc<impl Transport>,
    keys: KeyRing,
    ambient: Arc<FixedAmbient>,
) -> Client {
    Client::builder(merchant(), keys)
        .transport(Arc::clone(transport) as Arc<dyn Transport>)
        .ambient(ambient)
        .endpoints(endpoints())
        .build()
}

pub(crate) fn number() -> OutTradeNo {
    OutTradeNo::new("1217752501201407033233368018").unwrap()
}

/// The order of the documentation's prepay sample.
pub(crate) fn order() -> JsapiPrepay {
    JsapiPrepay {
        appid: AppId::new("wxd678efh567hg6787").unwrap(),
        description: Description::new("Image形象店-深圳腾大-QQ公仔").unwrap(),
        out_trade_no: number(),
        time_expire: None,
        attach: None,
        notify_url: NotifyUrl::new("https://www.weixin.qq.com/wxpay/pay.php").unwrap(),
        amount: Fen::new(100).unwrap(),
        openid: OpenId::new(OPENID).unwrap(),
        options: Default::default(),
    }
}

/// A refund of half of [`order`].
pub(crate) fn refund() -> CreateRefund {
    CreateRefund {
        of: RefundOf::Transaction(TransactionId::new("4200000000202611230000000001").unwrap()),
        out_refund_no: OutRefundNo::new("R-1|2*3@4_5").unwrap(),
        reason: Some(RefundReason::new("商品已售完").unwrap()),
        notify_url: NotifyUrl::new("https://shop.example/v1/wechat/notify/main").unwrap(),
        refund: Fen::new(50).unwrap(),
        total: Fen::new(100).unwrap(),
    }
}

/// The same refund, stuck, to be sent to another card.
pub(crate) fn stuck() -> AbnormalRefund {
    AbnormalRefund {
        refund_id: RefundId::new("50200207182018070300011301001").unwrap(),
        out_refund_no: refund().out_refund_no,
        to: RefundTo::BuyersCard {
            bank_type: BankType::CmbDebit,
            bank_account: BankAccount::new("6225880000000001").unwrap(),
            real_name: RealName::new("张三").unwrap(),
        },
    }
}
