// The platform of the documentation's examples: in memory, on real cryptography. Every example that
// makes a call includes this file, so that it runs and yet shows only what it is about.
mod example {
    use std::sync::{Arc, OnceLock};

    use bytes::Bytes;
    use wechatpay::crypto::{ApiV3Key, PrivateKey, SerialNo, message};
    use wechatpay::{
        Ambient, AppId, AppSecret, BoxFuture, Client, Description, Endpoints, JsapiPrepay, KeyRing,
        MchId, Merchant, MiniProgram, NotifyUrl, OpenId, OutTradeNo, SystemAmbient, Transport,
        TransportError,
    };

    const PLATFORM_KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";
    const API_V3_KEY: &str = "0123456789abcdef0123456789abcdef";

    fn platform_key() -> &'static PrivateKey {
        static KEY: OnceLock<PrivateKey> = OnceLock::new();
        KEY.get_or_init(PrivateKey::generate)
    }

    struct Platform {
        status: u16,
        body: String,
        signs: bool,
    }

    impl Transport for Platform {
        fn send(
            &self,
            _request: http::Request<Bytes>,
        ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
            let mut answer = http::Response::builder().status(self.status);
            if self.signs {
                let timestamp = SystemAmbient.unix_seconds().to_string();
                let signed = message::answer(&timestamp, "nonce", self.body.as_bytes());
                answer = answer
                    .header("Wechatpay-Timestamp", timestamp)
                    .header("Wechatpay-Nonce", "nonce")
                    .header("Wechatpay-Serial", PLATFORM_KEY_ID)
                    .header("Wechatpay-Signature", platform_key().sign(&signed));
            }
            let answer = answer.body(Bytes::from(self.body.clone())).unwrap();
            Box::pin(async move { Ok(answer) })
        }
    }

    fn client(platform: Platform) -> Client {
        let serial = SerialNo::new("408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB").unwrap();
        let merchant = Merchant::new(
            MchId::new("1900007291").unwrap(),
            serial,
            PrivateKey::generate(),
            ApiV3Key::new(API_V3_KEY).unwrap(),
        );
        let id = SerialNo::new(PLATFORM_KEY_ID).unwrap();
        let keys = KeyRing::new().with_public_key(id, platform_key().public_key());
        Client::builder(merchant, keys).transport(Arc::new(platform)).build()
    }

    /// A client whose calls are answered so, and signed.
    pub fn answering(status: u16, body: &str) -> Client {
        client(Platform { status, body: body.to_owned(), signs: true })
    }

    /// A client whose calls are refused so, and not signed.
    pub fn refusing(status: u16, body: &str) -> Client {
        client(Platform { status, body: body.to_owned(), signs: false })
    }

    /// A mini program whose calls are answered so.
    pub fn mini_program(body: &str) -> MiniProgram {
        MiniProgram::new(
            AppId::new("wxd678efh567hg6787").unwrap(),
            AppSecret::new("0123456789abcdef0123456789abcdef").unwrap(),
            Arc::new(Platform { status: 200, body: body.to_owned(), signs: false }),
            Arc::new(SystemAmbient),
            &Endpoints::default(),
        )
    }

    pub fn jsapi_prepay() -> JsapiPrepay {
        JsapiPrepay {
            appid: AppId::new("wxd678efh567hg6787").unwrap(),
            description: Description::new("Image形象店-深圳腾大-QQ公仔").unwrap(),
            out_trade_no: OutTradeNo::new("1217752501201407033233368018").unwrap(),
            time_expire: None,
            attach: None,
            notify_url: NotifyUrl::new("https://shop.example/notify").unwrap(),
            amount: fen::Fen::new(100).unwrap(),
            openid: OpenId::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o").unwrap(),
            options: Default::default(),
        }
    }

    /// Headers and raw body of a payment notification, as they reach a web server.
    pub fn payment_notification() -> (http::HeaderMap, Vec<u8>) {
        let payment = r#"{"mchid":"1900007291","appid":"wxd678efh567hg6787",
            "out_trade_no":"1217752501201407033233368018","trade_state":"SUCCESS",
            "transaction_id":"4200000000202601010000000001","amount":{"total":100}}"#;
        let key = ApiV3Key::new(API_V3_KEY).unwrap();
        let sealed = key.seal("fdasflkja484", "transaction", payment.as_bytes()).unwrap();
        let body = format!(
            r#"{{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","resource":{{
               "algorithm":"AEAD_AES_256_GCM","nonce":"fdasflkja484",
               "associated_data":"transaction","ciphertext":"{sealed}"}}}}"#
        );
        let timestamp = SystemAmbient.unix_seconds().to_string();
        let signature =
            platform_key().sign(&message::answer(&timestamp, "nonce", body.as_bytes()));
        let mut headers = http::HeaderMap::new();
        headers.insert("Wechatpay-Timestamp", timestamp.parse().unwrap());
        headers.insert("Wechatpay-Nonce", "nonce".parse().unwrap());
        headers.insert("Wechatpay-Serial", PLATFORM_KEY_ID.parse().unwrap());
        headers.insert("Wechatpay-Signature", signature.parse().unwrap());
        (headers, body.into_bytes())
    }
}
